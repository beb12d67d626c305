import { createHmac } from "node:crypto";

/** Headers by which a receiver knows the sender, and a message that comes again. */
export interface SignedHeaders extends Readonly<Record<string, string>> {
  readonly "webhook-id": string;
  readonly "webhook-timestamp": string;
}

/**
 * Signs a body as Standard Webhooks does: `webhook-signature` is `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`.
 *
 * @param secret - `whsec_` and the key in base64, or the key as text; empty: unsigned.
 * @param seconds - since 1970. A receiver refuses an old one, so that nobody sends it again.
 */
export function signedHeaders(id: string, seconds: number, body: string, secret: string): SignedHeaders {
  const headers = { "webhook-id": id, "webhook-timestamp": String(seconds) };
  if (secret === "") return headers;
  const signature = createHmac("sha256", keyOf(secret)).update(`${id}.${seconds}.${body}`).digest("base64");
  return { ...headers, "webhook-signature": `v1,${signature}` };
}

function keyOf(secret: string): Buffer {
  return secret.startsWith("whsec_") ? Buffer.from(secret.slice("whsec_".length), "base64") : Buffer.from(secret, "utf8");
}
