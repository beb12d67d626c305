import type { FastifyInstance } from "fastify";
import { Gauge, Histogram, type Registry } from "prom-client";

/** Exports requests and their durations to Prometheus. @param waiting - number of predictions without an answer. */
export function measure(app: FastifyInstance, registry: Registry, waiting: () => number): void {
  const registers = [registry];
  const seconds = new Histogram({
    registers,
    name: "streamgauge_gateway_request_seconds",
    help: "From a request to the end of its answer.",
    labelNames: ["method", "route", "status"],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60],
  });
  new Gauge({
    registers,
    name: "streamgauge_gateway_waiting_predictions",
    help: "Predictions that wait for their answers.",
    collect() {
      this.set(waiting());
    },
  });
  app.addHook("onResponse", async ({ method, routeOptions }, reply) => {
    // Unknown paths share one label: a client must not create labels.
    seconds.observe({ method, route: routeOptions.url ?? "none", status: reply.statusCode }, reply.elapsedTime / 1_000);
  });
}
