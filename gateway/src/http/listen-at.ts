import type { Logger } from "@streamgauge/core";
import type { FastifyInstance } from "fastify";

/** Connections that wait to be taken, as many as systems allow: beyond Node's 511 a burst of clients is made to try again after seconds. */
const BACKLOG = 4_096;

/** Listens on a port, or on a free one where that is taken, and says so. @returns `http://host:port`. */
export async function listenAt(app: FastifyInstance, host: string, port: number, log: Logger): Promise<string> {
  try {
    return await app.listen({ host, port, backlog: BACKLOG });
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error) || error.code !== "EADDRINUSE" || port === 0) throw error;
    log.info(`Port ${port} is taken (GATEWAY_PORT): the gateway uses another one.`);
    return app.listen({ host, port: 0, backlog: BACKLOG });
  }
}
