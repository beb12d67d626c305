import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { ProblemError } from "./problem.js";

export interface GuardOptions {
  /** Keys that may write. Empty: anyone who reaches the gateway. */
  readonly apiKeys: readonly string[];
}

const READS = new Set(["GET", "HEAD", "OPTIONS"]);
/** Names under which a browser on this machine knows the gateway. */
const LOCAL_NAMES = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** Lets only those write who may. */
export function guardWrites(app: FastifyInstance, { apiKeys }: GuardOptions): void {
  const hashes = apiKeys.map(hashOf);
  app.addHook("onRequest", async (request) => {
    if (READS.has(request.method)) return;
    requireSameOrigin(request);
    // RabbitMQ's page has accounts of its own.
    if (request.url.startsWith("/rabbitmq/")) return;
    if (hashes.length === 0) {
      // A page elsewhere whose name is made to lead here would be the gateway's own for a browser.
      if (request.headers.origin !== undefined && !LOCAL_NAMES.has(request.hostname)) {
        throw new ProblemError(403, `Without API_KEYS a browser may write only by localhost, not by ${request.hostname.slice(0, 100)}.`);
      }
      return;
    }
    const key = keyOf(request);
    if (key === undefined) throw new ProblemError(401, "Writing needs an API key: send it as the header X-API-Key.");
    const hash = hashOf(key);
    // All are compared, each in the same time.
    if (hashes.filter((known) => timingSafeEqual(known, hash)).length === 0) throw new ProblemError(401, "The API key is not known.");
  });
}

/** A page of another site must not write with what a browser lets it send. */
function requireSameOrigin({ headers }: FastifyRequest): void {
  const { origin, host } = headers;
  if (origin === undefined || (URL.canParse(origin) && new URL(origin).host === host)) return;
  throw new ProblemError(403, "Pages of other sites may not write here.");
}

function keyOf({ headers }: FastifyRequest): string | undefined {
  const given = headers["x-api-key"];
  if (typeof given === "string") return given;
  const [, bearer] = /^Bearer (\S+)$/i.exec(headers.authorization ?? "") ?? [];
  return bearer;
}

function hashOf(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}
