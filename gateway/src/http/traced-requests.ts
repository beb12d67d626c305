import { runIn, type TraceSpan, type Tracing } from "@streamgauge/core";
import type { FastifyInstance, FastifyRequest } from "fastify";

/** Methods of requests that may bring rows. */
const TRACED = new Set(["POST", "PUT", "PATCH", "DELETE"]);

/** Records requests that may bring rows, as parts of the trace that a client names in `traceparent`. What they send is a part of them. */
export function traceRequests(app: FastifyInstance, tracing: Tracing): void {
  const open = new WeakMap<FastifyRequest, TraceSpan>();
  app.addHook("onRequest", (request, _reply, done) => {
    const { method, headers, routeOptions, url } = request;
    if (TRACED.has(method)) {
      // An unknown path shares its name with the others: a client must not create names.
      const route = routeOptions.url ?? "";
      open.set(
        request,
        tracing.begin(`${method} ${route}`.trim(), { kind: "server", from: headers, attributes: attributesOf(method, route, url) }),
      );
    }
    done();
  });
  // Here, not before: the events of a body that is parsed run outside of it.
  app.addHook("preHandler", (request, _reply, done) => {
    const span = open.get(request);
    if (span === undefined) done();
    else runIn(span, done);
  });
  const end = (request: FastifyRequest, status: number) => {
    const span = open.get(request);
    open.delete(request);
    span?.set({ "http.response.status_code": status });
    span?.end(status >= 500 ? new Error(`answered with ${status}`) : undefined);
  };
  app.addHook("onResponse", async (request, reply) => end(request, reply.statusCode));
  // 499, as others write it: the client has gone.
  app.addHook("onRequestAbort", async (request) => end(request, 499));
}

function attributesOf(method: string, route: string, url: string) {
  const [path = ""] = url.split("?", 1);
  return { "http.request.method": method, "http.route": route, "url.path": path, "url.scheme": "http" };
}
