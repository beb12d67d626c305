import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Deferred, type Bus, type Closable, type Logger } from "@streamgauge/core";
import type { Registry } from "prom-client";
import { openApp } from "./http/app.js";
import { ingressRoutes } from "./http/ingress-routes.js";
import { measure } from "./http/telemetry.js";
import { doorRoutes } from "./http/door-routes.js";
import { statusTargetsOf } from "./status/service-status.js";
import { jobRoutes } from "./http/jobs-routes.js";
import { listenAt } from "./http/listen-at.js";
import { predictionRoutes } from "./http/predictions-routes.js";
import { v2Routes } from "./http/v2-routes.js";
import { Jobs } from "./jobs/jobs.js";
import { Predictions } from "./predictions/predictions.js";
import { Results } from "./results/results.js";
import { Database } from "./store/database.js";
import { startRetention } from "./store/retention.js";
import { Publisher } from "./ingress/publisher.js";
import type { ServedModel } from "./served-model.js";
import { apiKeysOf, isLoopback, OpenGatewayError } from "./listening.js";

export interface GatewayOptions {
  readonly bus: Bus;
  readonly log: Logger;
  readonly registry: Registry;
  readonly lane: string;
  readonly logsDir: string;
  readonly host: string;
  /** 0: a free port. */
  readonly port: number;
  /** API_KEYS. */
  readonly apiKeys: string;
  /** Whether writes without a key are accepted on any address. */
  readonly open: boolean;
  /** Requests a second from one address. */
  readonly rateLimit: number;
  /** PostgreSQL; empty: PGlite below `logsDir`. */
  readonly databaseUrl: string;
  /** How long predictions and finished jobs are kept, in ms; 0: for ever. */
  readonly retentionMs: number;
  /** RABBITMQ_PAGE_URL and STATUS_URLS. */
  readonly rabbitPageUrl: string;
  readonly statusUrls: string;
  /** TEXT_COLUMNS. */
  readonly textColumns: readonly string[];
  /** The current model; its fields are empty if unknown. */
  readonly model: () => ServedModel;
}

/** How long closing waits until answered predictions are stored, in ms. */
const STORED_WITHIN_MS = 3_000;

/** How long the start waits for the contents of the database, in ms. */
const PATIENCE_MS = 3_000;

/** The running service. */
export interface Gateway extends Closable {
  /** Its address, `http://host:port`. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves HTTP until closed.
 *
 * @throws OpenGatewayError if anyone could write; WeakKeyError.
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { bus, log, host, port, rateLimit, lane, logsDir, model, textColumns } = options;
  const apiKeys = apiKeysOf(options.apiKeys);
  if (apiKeys.length === 0 && !options.open && !isLoopback(host)) throw new OpenGatewayError(host);
  const publisher = new Publisher(bus);
  const database = new Database({ url: options.databaseUrl, folder: join(logsDir, ".state", "gateway"), log });
  const predictions = new Predictions(database, publisher);
  const recovered = new Deferred<void>();
  const ending = new AbortController();
  const jobs = new Jobs({ database, bus, publisher, log, lane, drained: () => results.drained(ending.signal) });
  const results: Results = new Results(bus, lane, [predictions, jobs.answers], recovered.promise);
  const { mayHoldData } = database;
  const recover = async () => {
    if (!mayHoldData) {
      predictions.begin();
      recovered.resolve();
      return;
    }
    await jobs.recover();
    const before = await predictions.recover();
    recovered.resolve();
    await results.drained(ending.signal);
    await predictions.sendAgain(before);
  };
  const ready = async () => bus.connected && (await database.status()).ready;
  const app = await openApp({ log, rateLimit, apiKeys }, async (routes) => {
    measure(routes, options.registry, () => predictions.waiting);
    await routes.register(async (part) => ingressRoutes(part, publisher, textColumns));
    await routes.register(async (part) => predictionRoutes(part, predictions));
    await routes.register(async (part) => jobRoutes(part, { jobs, model, textColumns }));
    await routes.register(async (part) => v2Routes(part, { predictions, lane, model, ready }));
    await routes.register(async (part) =>
      doorRoutes(part, {
        bus,
        lane,
        logsDir: resolve(logsDir),
        targets: statusTargetsOf(options.statusUrls),
        rabbitPageUrl: options.rabbitPageUrl,
        database: () => database.status(),
        waiting: () => predictions.waiting,
      }),
    );
  });
  await results.start();
  const retention = startRetention({ database, log, keepMs: options.retentionMs, removeJob: (id) => jobs.remove(id) });
  const recovery = recover().catch((error: unknown) => {
    if (!ending.signal.aborted) log.error(error, "What was asked for before the start could not be taken up again.");
  });
  // A database that answers is read quickly; one that does not must not delay rows.
  await Promise.race([recovered.promise, delay(PATIENCE_MS, undefined, { signal: ending.signal, ref: false }).catch(() => undefined)]);
  const url = await listenAt(app, host, port, log);
  // Opened last: creating an empty PGlite takes seconds of CPU time, and nothing waits for it.
  database.open();
  log.info(`The gateway is at ${url}${whoMayWrite(apiKeys.length > 0, options.open)}.`);
  return {
    url,
    close: async () => {
      ending.abort();
      await app.close();
      await retention.close();
      const lost = await predictions.storedWithin(STORED_WITHIN_MS);
      if (lost > 0) log.warn(`${lost} predictions that were waited for are not stored: the database does not answer.`);
      // Stops waiting for a database that is away; unstored messages go back to the queues.
      predictions.close();
      recovered.resolve();
      await results.close();
      await jobs.close();
      await recovery;
      await database.close();
    },
  };
}

function whoMayWrite(hasKeys: boolean, open: boolean): string {
  if (hasKeys) return "; writing needs an API key";
  if (open) return "; whoever reaches it may write: publish its port on this machine alone, or set API_KEYS";
  return ", for this machine alone: set API_KEYS to open it to others";
}
