import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Deferred, type Bus, type Closable, type Logger } from "@streamgauge/core";
import { Publisher } from "./ingress/publisher.js";
import { Jobs } from "./jobs/jobs.js";
import { Predictions } from "./predictions/predictions.js";
import { Copies } from "./results/copies.js";
import { Results } from "./results/results.js";
import { Database } from "./store/database.js";
import { startRetention } from "./store/retention.js";

export interface RequestsOptions {
  readonly bus: Bus;
  readonly log: Logger;
  readonly lane: string;
  /** Of the lane. Default: 1. */
  readonly partitions: number;
  readonly logsDir: string;
  /** PostgreSQL; empty: PGlite below `logsDir`. */
  readonly databaseUrl: string;
  /** How long predictions and finished jobs are kept, in ms; 0: for ever. */
  readonly retentionMs: number;
}

/** How long closing waits until answered predictions are stored, in ms. */
const STORED_WITHIN_MS = 3_000;

/** How long the start waits for the contents of the database, in ms. */
const PATIENCE_MS = 3_000;

/** What clients asked for: predictions and jobs, the database that keeps them, and the results that answer them. */
export class Requests implements Closable {
  /** Sends rows whose results nobody asks for here. */
  readonly publisher: Publisher;
  readonly database: Database;
  readonly predictions: Predictions;
  readonly jobs: Jobs;
  readonly #options: RequestsOptions;
  readonly #copies: Copies;
  readonly #results: Results;
  readonly #ending = new AbortController();
  /** Resolves when all that was asked for before the start is known. */
  readonly #recovered = new Deferred<void>();
  #recovery: Promise<void> = Promise.resolve();
  #retention: Closable | undefined;

  constructor(options: RequestsOptions) {
    const { bus, log, lane, logsDir, databaseUrl } = options;
    this.#options = options;
    this.publisher = new Publisher(bus);
    this.database = new Database({ url: databaseUrl, folder: join(logsDir, ".state", "gateway"), log });
    this.#copies = new Copies(options, () => this.#results);
    const publisher = new Publisher(this.#copies);
    this.predictions = new Predictions(this.database, publisher);
    const drained = () => this.#results.drained(this.#ending.signal);
    this.jobs = new Jobs({ database: this.database, bus, publisher, log, lane, drained });
    this.#results = new Results(bus, lane, [this.predictions, this.predictions.inferences, this.jobs.answers], this.#recovered.promise);
  }

  /** The model that answered last; empty before that. */
  get lastModel(): string {
    return this.#results.model;
  }

  /** Whether rows can be scored now. */
  async ready(): Promise<boolean> {
    return this.#options.bus.connected && (await this.database.status()).ready;
  }

  /** Reads results, and takes up again what was asked for before the start. Does not wait long for a database that does not answer. */
  async start(): Promise<void> {
    const { log, retentionMs: keepMs } = this.#options;
    const { database, jobs } = this;
    const { signal } = this.#ending;
    // Asked before anything opens the database.
    const { mayHoldData } = database;
    await this.#results.start();
    this.#retention = startRetention({ database, log, keepMs, removeJob: (id) => jobs.remove(id) });
    this.#recovery = this.#recover(mayHoldData).catch((error: unknown) => {
      if (!signal.aborted) log.error(error, "What was asked for before the start could not be taken up again.");
    });
    await Promise.race([this.#recovered.promise, delay(PATIENCE_MS, undefined, { signal, ref: false }).catch(() => undefined)]);
  }

  async #recover(mayHoldData: boolean): Promise<void> {
    if (!mayHoldData) {
      this.predictions.begin();
      this.#recovered.resolve();
      return;
    }
    await this.jobs.recover();
    const before = await this.predictions.recover();
    this.#recovered.resolve();
    await this.#results.drained(this.#ending.signal);
    await this.predictions.sendAgain(before);
  }

  async close(): Promise<void> {
    this.#ending.abort();
    await this.#retention?.close();
    const lost = await this.predictions.storedWithin(STORED_WITHIN_MS);
    if (lost > 0) this.#options.log.warn(`${lost} predictions that were waited for are not stored: the database does not answer.`);
    // Stops waiting for a database that is away; unstored messages go back to the queues.
    this.predictions.close();
    this.#recovered.resolve();
    this.#copies.close();
    await this.#results.close();
    await this.jobs.close();
    await this.#recovery;
    await this.database.close();
  }
}
