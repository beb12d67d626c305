import type { Socket } from "node:net";
import type { FastifyInstance } from "fastify";

/**
 * When the app closes, ends connections that would hold up its end for over a minute: those on which nothing was ever sent, which browsers open
 * ahead of requests and Node does not count as idle; and those of requests that are answered after that, which would be kept alive.
 */
export function endConnectionsOnClose(app: FastifyInstance): void {
  let isClosing = false;
  const sockets = new Set<Socket>();
  app.server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  app.addHook("preClose", async () => {
    isClosing = true;
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
  });
  app.addHook("onSend", (_request, reply, payload, done) => {
    if (isClosing) reply.header("connection", "close");
    done(null, payload);
  });
}
