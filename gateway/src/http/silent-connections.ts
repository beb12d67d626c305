import type { Socket } from "node:net";
import type { FastifyInstance } from "fastify";

/**
 * Closes connections on which nothing was ever sent when the app closes. Browsers open some ahead of requests; Node does not count them as
 * idle, so each would hold up the end for over a minute.
 */
export function closeSilentConnections(app: FastifyInstance): void {
  const sockets = new Set<Socket>();
  app.server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  app.addHook("preClose", async () => {
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
  });
}
