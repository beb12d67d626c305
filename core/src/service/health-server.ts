import fastify from "fastify";
import { collectDefaultMetrics, type Registry } from "prom-client";
import type { Closable } from "./run-service.js";

export interface Health {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly registry: Registry;
  /** Whether the service can do its work now: its link is up and what it owns is open. */
  readonly ready: () => boolean;
}

/** Answers `/livez`, `/readyz` and `/metrics` until closed. */
export interface HealthServer extends Closable {
  /** Where it listens, `http://host:port`. */
  readonly url: string;
}

/** Begins to answer: alive from now on, ready when `ready` says so. @throws where the port is taken. */
export async function openHealthServer({ host, port, registry, ready }: Health): Promise<HealthServer> {
  collectDefaultMetrics({ register: registry });
  const server = fastify({ logger: false });
  server.get("/livez", () => ({ status: "alive" }));
  server.get("/readyz", (_request, reply) => reply.code(ready() ? 200 : 503).send({ status: ready() ? "ready" : "not ready" }));
  server.get("/metrics", async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()));
  const url = await server.listen({ host, port });
  return { url, close: () => server.close() };
}
