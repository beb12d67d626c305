import type { Bus, Closable, Logger } from "@streamgauge/core";
import type { Registry } from "prom-client";
import { openApp } from "./http/app.js";
import { ingressRoutes } from "./http/ingress-routes.js";
import { listenAt } from "./http/listen-at.js";
import { Publisher } from "./ingress/publisher.js";
import { apiKeysOf, isLoopback, OpenGatewayError } from "./listening.js";

export interface GatewayOptions {
  readonly bus: Bus;
  readonly log: Logger;
  readonly registry: Registry;
  readonly lane: string;
  readonly logsDir: string;
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** API_KEYS. */
  readonly apiKeys: string;
  /** Whether writes without a key are taken on any address. */
  readonly open: boolean;
  /** Requests a second from one address. */
  readonly rateLimit: number;
}

/** The running service. */
export interface Gateway extends Closable {
  /** Where it listens, `http://host:port`. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves HTTP until closed.
 *
 * @throws OpenGatewayError where anyone could write; WeakKeyError.
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { bus, log, host, port, rateLimit } = options;
  const apiKeys = apiKeysOf(options.apiKeys);
  if (apiKeys.length === 0 && !options.open && !isLoopback(host)) throw new OpenGatewayError(host);
  const publisher = new Publisher(bus);
  const app = await openApp({ log, rateLimit, apiKeys }, async (routes) => {
    await routes.register(async (ingress) => ingressRoutes(ingress, publisher));
  });
  const url = await listenAt(app, host, port, log);
  log.info(`The gateway is at ${url}${apiKeys.length === 0 ? ", for this machine alone: set API_KEYS to open it to others" : ""}.`);
  return { url, close: () => app.close() };
}
