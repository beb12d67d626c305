import { readdirSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import httpProxy from "@fastify/http-proxy";
import staticFiles from "@fastify/static";
import { METRICS, openInLogsDir, type Bus } from "@streamgauge/core";
import type { FastifyInstance } from "fastify";
import Type from "typebox";
import { depthsOf } from "../status/queue-depths.js";
import { metricsOf, statusOf, type StatusTarget } from "../status/service-status.js";
import { pageRoutes } from "./page-routes.js";
import { ProblemError, problems } from "./problem.js";
import type { TypeBoxApp, TypeBoxProvider } from "./validation.js";

export interface SiteOptions {
  readonly bus: Bus;
  readonly lane: string;
  readonly partitions: number;
  readonly logsDir: string;
  readonly targets: readonly StatusTarget[];
  /** URL of RabbitMQ's management page; empty if unknown. */
  readonly rabbitPageUrl: string;
  /** The state of the database. */
  readonly database: () => Promise<{ readonly kind: string; readonly ready: boolean }>;
  readonly waiting: () => number;
}

/** Files of the log folder that are served; never its state. */
const SHOWN = /^[\w.-]+\.(csv|csv\.gz|png)$/;

const MetricSchema = Type.Object({
  name: Type.String(),
  title: Type.String({ description: "As people read it." }),
  unit: Type.Union([Type.Literal("target"), Type.Literal("none")]),
  description: Type.String(),
});

const StatusSchema = Type.Object({
  gateway: Type.Object({ waiting: Type.Integer({ description: "Predictions that wait for their answers." }) }),
  rabbitmq: Type.Object({
    connected: Type.Boolean(),
    queues: Type.Record(Type.String(), Type.Integer(), { description: "Messages that wait in each queue." }),
  }),
  database: Type.Object({ kind: Type.String(), ready: Type.Boolean() }),
  services: Type.Array(
    Type.Object({
      name: Type.String(),
      url: Type.String(),
      status: Type.Union([Type.Literal("ready"), Type.Literal("not ready"), Type.Literal("away")]),
      metrics: Type.Record(Type.String(), Type.Union([Type.Number(), Type.Null()])),
    }),
  ),
});

const tags = ["status"];

/** All other routes: the pages, the log and its plots, the status of the services, and RabbitMQ's page. */
export async function siteRoutes(instance: FastifyInstance, options: SiteOptions): Promise<void> {
  const app = instance.withTypeProvider<TypeBoxProvider>();
  pageRoutes(app);
  await logRoutes(app, options.logsDir);
  statusRoutes(app, options);
  if (options.rabbitPageUrl !== "") await rabbitPageRoutes(app, options.rabbitPageUrl);
}

async function logRoutes(app: FastifyInstance, logsDir: string): Promise<void> {
  await openInLogsDir(logsDir, () => mkdir(logsDir, { recursive: true }));
  await app.register(staticFiles, {
    root: logsDir,
    prefix: "/logs/",
    dotfiles: "ignore",
    index: false,
    cacheControl: false,
    schemaHide: true,
    allowedPath: (path) => SHOWN.test(path.replace(/^\//, "")),
  });
  app.get("/logs", { schema: { tags, summary: "The log and its pictures", response: { 200: Type.Array(Type.String()) } } }, () =>
    readdirSync(logsDir)
      .filter((name) => SHOWN.test(name))
      .map((name) => `/logs/${name}`),
  );
}

function statusRoutes(app: TypeBoxApp, options: SiteOptions): void {
  const { bus, targets } = options;
  app.get("/statistics", { schema: { tags, summary: "The statistics that jobs have", response: { 200: Type.Array(MetricSchema) } } }, () =>
    METRICS.map(({ name, title, unit, description }) => ({ name, title, unit, description })),
  );
  app.get("/status", { schema: { tags, summary: "How everything is", response: { 200: StatusSchema } } }, async () => ({
    gateway: { waiting: options.waiting() },
    rabbitmq: { connected: bus.connected, queues: await depthsOf(bus, options.lane, options.partitions) },
    database: await options.database(),
    services: await Promise.all(targets.map(statusOf)),
  }));
  app.get(
    "/status/:name/metrics",
    {
      schema: {
        tags,
        summary: "A service's metrics, for Prometheus",
        params: Type.Object({ name: Type.String({ minLength: 1, maxLength: 100 }) }),
        response: {
          200: { description: "Metrics.", content: { "text/plain": { schema: Type.String() } } },
          ...problems(400, 404, 429, 503),
        },
      },
    },
    async (request, reply) => {
      const target = targets.find(({ name }) => name === request.params.name);
      if (target === undefined) throw new ProblemError(404, "There is no service of this name in STATUS_URLS.");
      const text = await metricsOf(target).catch(() => undefined);
      if (text === undefined) throw new ProblemError(503, `${target.name} does not answer.`);
      return reply.type("text/plain; version=0.0.4; charset=utf-8").send(text);
    },
  );
}

async function rabbitPageRoutes(app: FastifyInstance, upstream: string): Promise<void> {
  await app.register(async (proxied) => {
    // Bodies are forwarded unparsed.
    proxied.removeAllContentTypeParsers();
    await proxied.register(httpProxy, {
      upstream,
      prefix: "/rabbitmq/",
      rewritePrefix: "/",
      httpMethods: ["GET", "HEAD", "POST", "PUT", "DELETE"],
      replyOptions: {
        onError: (reply) => void reply.send(new ProblemError(503, "RabbitMQ's page does not answer at RABBITMQ_PAGE_URL; try again.")),
      },
    });
  });
  app.get("/rabbitmq", { schema: { hide: true } }, (_request, reply) => reply.redirect("/rabbitmq/"));
}
