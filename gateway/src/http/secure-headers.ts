import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import type { FastifyInstance } from "fastify";
import helmet from "helmet";

/** Adds the headers of helmet to every reply. They are the same for all, so that they are made once. */
export function addSecureHeaders(app: FastifyInstance): void {
  const headers = secureHeaders();
  app.addHook("onRequest", (_request, reply, done) => {
    reply.headers(headers);
    done();
  });
}

function secureHeaders(): Record<string, string> {
  const request = new IncomingMessage(new Socket());
  const reply = new ServerResponse(request);
  const write = helmet({
    contentSecurityPolicy: { directives: { "script-src": ["'self'"], "upgrade-insecure-requests": null } },
    strictTransportSecurity: false,
  });
  write(request, reply, (error) => {
    if (error !== undefined) throw error;
  });
  return Object.fromEntries(Object.entries(reply.getHeaders()).map(([name, value]) => [name, String(value)]));
}
