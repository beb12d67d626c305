import type { FastifyInstance, FastifyRequest } from "fastify";
import Type from "typebox";
import { keyOf, type KnownKeys } from "./known-keys.js";
import { ProblemError, problems } from "./problem.js";
import { END_OF_SESSION, Sessions } from "./session.js";
import type { TypeBoxProvider } from "./validation.js";

/** Routes that need no key: to log in, and to see whether the gateway is alive. */
const OPEN = new Set(["/login", "/page/*", "/favicon.ico", "/v2/health/live", "/v2/health/ready"]);
const READS = new Set(["GET", "HEAD", "OPTIONS"]);

/** Refuses reads without a key or a session. @param keys - those that may read; empty: everyone may. */
export function guardReads(app: FastifyInstance, keys: KnownKeys): void {
  const sessions = new Sessions(keys.secret());
  app.addHook("onRequest", async (request, reply) => {
    if (keys.isEmpty || !READS.has(request.method) || isOpen(request)) return;
    const key = keyOf(request);
    if (key === undefined ? sessions.has(request.headers.cookie, Date.now()) : keys.has(key)) return;
    if (request.headers.accept?.includes("text/html") !== true) throw new ProblemError(401, refusalOf(key));
    return reply.redirect(`/login?${new URLSearchParams({ to: request.url }).toString()}`, 303);
  });
}

function isOpen({ routeOptions: { url = "" } }: FastifyRequest): boolean {
  // RabbitMQ's page has its own accounts.
  return OPEN.has(url) || url.startsWith("/rabbitmq/");
}

function refusalOf(key: string | undefined): string {
  return key === undefined ? "Reading needs a key: send it as the header X-API-Key, or log in at /login." : "The key is not known.";
}

/** Routes with which people log in. @param keys - those of `guardReads`. */
export function loginRoutes(instance: FastifyInstance, keys: KnownKeys): void {
  const sessions = new Sessions(keys.secret());
  const app = instance.withTypeProvider<TypeBoxProvider>();
  const tags = ["status"];
  app.post(
    "/login",
    {
      schema: {
        tags,
        summary: "Begins a session, in which a browser reads without a key",
        body: Type.Object({ key: Type.String({ maxLength: 1_024 }) }, { additionalProperties: false }),
        response: { 204: { description: "The session is in a cookie.", type: "null" }, ...problems(400, 401, 403, 429) },
      },
    },
    async (request, reply) => {
      if (!keys.isEmpty && !keys.has(request.body.key)) throw new ProblemError(401, "The key is not known.");
      return reply.code(204).header("set-cookie", sessions.begin(Date.now())).send();
    },
  );
  app.delete(
    "/login",
    { schema: { tags, summary: "Ends a session", response: { 204: { description: "It is over.", type: "null" }, ...problems(403, 429) } } },
    async (_request, reply) => reply.code(204).header("set-cookie", END_OF_SESSION).send(),
  );
}
