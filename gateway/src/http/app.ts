import rateLimit from "@fastify/rate-limit";
import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import { JSON_TYPE, parseJsonBody, type Logger } from "@streamgauge/core";
import fastify, { type FastifyInstance } from "fastify";
import { STATUS_CODES } from "node:http";
import { mendRequireCache } from "./require-cache.js";
import { guardWrites, type GuardOptions } from "./guard.js";
import { KnownKeys } from "./known-keys.js";
import { guardReads, loginRoutes } from "./read-guard.js";
import { BODY_LIMIT } from "./ingress-routes.js";
import { documentConstraint } from "./page-routes.js";
import { answerProblems, ProblemError, sendProblem, type Problem } from "./problem.js";
import { addSecureHeaders } from "./secure-headers.js";
import { endConnectionsOnClose } from "./ending-connections.js";
import { serializerCompiler, validatorCompiler } from "./validation.js";

export interface AppOptions extends GuardOptions {
  readonly log: Logger;
  /** Requests a second from one address. */
  readonly rateLimit: number;
  /** How long a connection may be silent, in ms. Default: two minutes, longer than any handler waits. */
  readonly idleMs?: number;
}

/** An app with what all routes share. `register` adds the routes, each set in its own context. */
export async function openApp(
  { log, rateLimit: max, idleMs = 120_000, apiKeys, readKeys = [] }: AppOptions,
  register: (app: FastifyInstance) => Promise<void>,
): Promise<FastifyInstance> {
  mendRequireCache();
  const app: FastifyInstance = fastify({
    logger: false,
    bodyLimit: BODY_LIMIT,
    // A stream of rows may take any time while it makes progress; its headers may not.
    requestTimeout: 0,
    connectionTimeout: idleMs,
    forceCloseConnections: "idle",
    routerOptions: { maxParamLength: 2_048 },
    clientErrorHandler: (error, socket) => {
      if (socket.writable) socket.end(responseOf(error.code === "HPE_HEADER_OVERFLOW" ? 431 : 400));
    },
    frameworkErrors: (error, request, reply) => {
      void sendProblem(new ProblemError(400, error.message.slice(0, 200)), request, reply, log);
    },
  });
  app.addConstraintStrategy(documentConstraint);
  endConnectionsOnClose(app);
  app.server.headersTimeout = 30_000;
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  answerProblems(app, log);
  // Accepts only JSON without duplicate keys. A route adds the other types that it reads.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(JSON_TYPE, { parseAs: "buffer" }, (_request, body: Buffer, done) => {
    try {
      done(null, parseJsonBody(body));
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
    }
  });
  addSecureHeaders(app);
  await app.register(rateLimit, {
    max,
    timeWindow: 1_000,
    errorResponseBuilder: () =>
      new ProblemError(429, `More than ${max} requests a second from one address: send more rows in each, or wait.`),
  });
  guardWrites(app, { apiKeys });
  // Without READ_KEYS everyone may read, with or without API_KEYS.
  const readers = new KnownKeys(readKeys.length === 0 ? [] : [...readKeys, ...apiKeys]);
  guardReads(app, readers);
  app.addHook("onRequest", async ({ headers, url }) => {
    const { "content-encoding": encoding = "identity" } = headers;
    if (encoding !== "identity" && !url.startsWith("/rabbitmq/"))
      throw new ProblemError(415, "A body with a content encoding is not read: send it as it is, not compressed.");
  });
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Streamgauge",
        version: "1.0.0",
        description: "Send rows and labels, ask for predictions, run whole files as jobs. Behind it everything goes through RabbitMQ.",
        license: { name: "MIT", identifier: "MIT" },
      },
      components: { securitySchemes: { key: { type: "apiKey", in: "header", name: "x-api-key" } } },
      // Without API_KEYS no key is needed to write, without READ_KEYS none to read.
      security: [{ key: [] }, {}],
    },
  });
  await app.register(swaggerUi, {
    routePrefix: "/docs",
    staticCSP: true,
    // Swagger UI uses inline styles; scripts stay limited to its own files.
    transformStaticCSP: (policy) => policy.replace(/style-src [^;]*/, "style-src 'self' 'unsafe-inline'"),
    uiConfig: { tryItOutEnabled: true },
  });
  app.get("/openapi.json", { schema: { hide: true } }, () => app.swagger());
  await app.register(async (part) => loginRoutes(part, readers));
  await app.register(register);
  return app;
}

/** The raw HTTP response to a request that cannot be parsed. */
function responseOf(status: 400 | 431): string {
  const detail = status === 431 ? "The headers of the request are too large." : "The request is not HTTP.";
  const problem: Problem = { type: "about:blank", title: STATUS_CODES[status] ?? "", status, detail };
  const body = JSON.stringify(problem);
  const headers = `content-type: application/problem+json\r\ncontent-length: ${body.length}\r\nconnection: close`;
  return `HTTP/1.1 ${status} ${problem.title}\r\n${headers}\r\n\r\n${body}`;
}
