import { isIP } from "node:net";

/** Whether an address is reachable from this machine only. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

/** The gateway would accept writes from anyone. */
export class OpenGatewayError extends Error {
  override readonly name = "OpenGatewayError";

  constructor(host: string) {
    super(`GATEWAY_HOST is ${host}, so other machines reach the gateway: set API_KEYS to say who may write, or use 127.0.0.1.`);
  }
}

/** A key that is easy to guess. */
export class WeakKeyError extends Error {
  override readonly name = "WeakKeyError";

  /** @param setting - in which it is. */
  constructor(setting: string) {
    super(`${setting} has a key of fewer than 16 characters: make one with \`openssl rand -hex 16\`.`);
  }
}

/** The keys in a setting. @throws WeakKeyError */
export function keysOf(setting: "API_KEYS" | "READ_KEYS", text: string): string[] {
  const keys = text
    .split(",")
    .map((key) => key.trim())
    .filter((key) => key !== "");
  if (keys.some((key) => key.length < 16)) throw new WeakKeyError(setting);
  return keys;
}
