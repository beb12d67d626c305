import { errorText } from "../error-text.js";
import { collectDefaultMetrics, type Registry } from "prom-client";
import { mergedMetrics, type MetricsText } from "./merged-metrics.js";
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
  /** Answers `/metrics` with what this one holds as well. */
  addRegistry(registry: MetricsText): void;
  /** Carries out what is asked for by POST at this path, for programs of this machine alone. */
  onPost(path: string, carryOut: () => Promise<{ readonly status: number; readonly body: object }>): void;
}

/** The address cannot be listened at. */
export class HealthAddressError extends Error {
  override readonly name = "HealthAddressError";
  readonly host: string;
  readonly port: number;

  constructor(host: string, port: number, cause: unknown) {
    const detail = errorText(cause);
    super(`Health checks cannot be answered at ${host}:${port} (${detail}): set HTTP_HOST and HTTP_PORT to an address that is free.`, {
      cause,
    });
    this.host = host;
    this.port = port;
  }
}

/** Addresses of this machine. */
const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/;

/** Begins to answer: alive from now on, ready when `ready` says so. @throws HealthAddressError if the port is taken. */
export async function openHealthServer({ host, port, registry, ready }: Health): Promise<HealthServer> {
  collectDefaultMetrics({ register: registry });
  const registries: MetricsText[] = [registry];
  // Threads and commands that answer nothing need not load it.
  const { default: fastify } = await import("fastify");
  const server = fastify({ logger: false });
  server.get("/livez", () => ({ status: "alive" }));
  server.get("/readyz", (_request, reply) => reply.code(ready() ? 200 : 503).send({ status: ready() ? "ready" : "not ready" }));
  server.get("/metrics", async (_request, reply) => reply.type(registry.contentType).send(await mergedMetrics(registries)));
  const posts = new Map<string, Parameters<HealthServer["onPost"]>[1]>();
  server.post("/*", { bodyLimit: 1024 }, async (request, reply) => {
    const carryOut = posts.get(request.url);
    if (carryOut === undefined) return reply.code(404).send({ error: `Nothing is asked for at ${request.url}.` });
    // A page in a browser of this machine could ask as well.
    if (!LOOPBACK.test(request.ip) || request.headers.origin !== undefined)
      return reply.code(403).send({ error: "Only programs on this machine may ask for this." });
    const { status, body } = await carryOut();
    return reply.code(status).send(body);
  });
  const url = await server.listen({ host, port }).catch((error: unknown) => {
    throw new HealthAddressError(host, port, error);
  });
  return {
    url,
    onPost: (path, carryOut) => void posts.set(path, carryOut),
    addRegistry: (more) => void registries.push(more),
    close: () => server.close(),
  };
}
