import type { FastifyInstance, FastifyRequest } from "fastify";
import { keyOf, KnownKeys } from "./known-keys.js";
import { ProblemError } from "./problem.js";

export interface GuardOptions {
  /** Keys that may write. Empty: every client may write. */
  readonly apiKeys: readonly string[];
  /** Keys that may read, besides those that may write. Empty: every client may read. */
  readonly readKeys?: readonly string[];
}

const READS = new Set(["GET", "HEAD", "OPTIONS"]);
/** Host names of the gateway in a browser on this machine. */
const LOCAL_NAMES = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** Refuses writes without a valid API key, and writes from pages of other sites. */
export function guardWrites(app: FastifyInstance, { apiKeys }: Pick<GuardOptions, "apiKeys">): void {
  const keys = new KnownKeys(apiKeys);
  app.addHook("onRequest", async (request) => {
    if (READS.has(request.method)) return;
    requireSameOrigin(request);
    // RabbitMQ's page has its own accounts, and who logs in sends the key in the body.
    if (request.url.startsWith("/rabbitmq/") || request.routeOptions.url === "/login") return;
    if (keys.isEmpty) {
      // DNS rebinding: a foreign page whose host name resolves to this address passes as same-origin.
      if (request.headers.origin !== undefined && !LOCAL_NAMES.has(request.hostname)) {
        throw new ProblemError(403, `Without API_KEYS a browser may write only by localhost, not by ${request.hostname.slice(0, 100)}.`);
      }
      return;
    }
    const key = keyOf(request);
    if (key === undefined) throw new ProblemError(401, "Writing needs an API key: send it as the header X-API-Key.");
    if (!keys.has(key)) throw new ProblemError(401, "The API key is not known.");
  });
}

/** CSRF: refuses requests that a browser sends for a page of another site. */
function requireSameOrigin({ headers }: FastifyRequest): void {
  const { origin, host } = headers;
  if (origin === undefined || (URL.canParse(origin) && new URL(origin).host === host)) return;
  throw new ProblemError(403, "Pages of other sites may not write here.");
}
