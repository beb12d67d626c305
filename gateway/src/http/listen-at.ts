import type { Logger } from "@streamgauge/core";
import type { FastifyInstance } from "fastify";

/** The listen backlog, as large as systems allow: with Node's default of 511, clients of a burst retry only after seconds. */
const BACKLOG = 4_096;

/** Listens on a port, or on a free one if it is taken, and logs the address. @returns `http://host:port`. */
export async function listenAt(app: FastifyInstance, host: string, port: number, log: Logger): Promise<string> {
  try {
    return await app.listen({ host, port, backlog: BACKLOG });
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error) || error.code !== "EADDRINUSE" || port === 0) throw error;
    log.info(`Port ${port} is taken (GATEWAY_PORT): the gateway uses another one.`);
    return app.listen({ host, port: 0, backlog: BACKLOG });
  }
}
