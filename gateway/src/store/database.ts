import { existsSync } from "node:fs";
import { join } from "node:path";
import { BackOff, type Closable, type Logger, errorText } from "@streamgauge/core";
import { Kysely, PostgresDialect, sql } from "kysely";
import type { ClientConfig } from "pg";
import { DatabaseAwayError } from "./database-away.js";
import { freeDeadRows } from "./dead-rows.js";
import { EmbeddedDatabase } from "./embedded-database.js";
import { FolderLock, FolderInUseError } from "./folder-lock.js";
import { migrate } from "./migrations.js";
import { PGliteDialect } from "./pglite-dialect.js";
import type { Tables } from "./schema.js";

export interface DatabaseOptions {
  /** PostgreSQL; empty: PGlite. */
  readonly url: string;
  /** Where PGlite keeps its files. */
  readonly folder: string;
  readonly log: Logger;
  /** Pause between looks for dead rows in PGlite, in ms. Default: a minute. */
  readonly freeEveryMs?: number | undefined;
  /** The limit of a query to PostgreSQL, in ms. Default: 30 s, longer than any of the gateway. */
  readonly queryMs?: number | undefined;
}

const FREE_EVERY_MS = 60_000;
const QUERY_MS = 30_000;
const CONNECT_MS = 3_000;

/**
 * The gateway's database, opened by `open` or by the first query. PGlite takes seconds to open, in its own thread.
 * Each query tries PostgreSQL again.
 */
export class Database implements Closable {
  readonly #options: DatabaseOptions;
  #opening: Promise<Kysely<Tables>> | undefined;
  #embedded: EmbeddedDatabase | undefined;
  #isOpen = false;
  /** Held while PGlite is open. */
  #lock: FolderLock | undefined;
  #freeing: NodeJS.Timeout | undefined;
  #closed = false;
  #said = "";

  constructor(options: DatabaseOptions) {
    this.#options = options;
  }

  /** Whether it may hold earlier data. */
  get mayHoldData(): boolean {
    return this.#options.url !== "" || existsSync(join(this.#options.folder, "PG_VERSION"));
  }

  /** The name of the database, for messages. */
  get kind(): "PostgreSQL" | "PGlite" {
    return this.#options.url === "" ? "PGlite" : "PostgreSQL";
  }

  /** Opens it in the background, ahead of the first query. */
  open(): void {
    this.run((db) => sql`select 1`.execute(db)).catch((error: unknown) => {
      if (!(error instanceof DatabaseAwayError)) this.#options.log.error(error, `${this.kind} cannot be used.`);
    });
  }

  /** Whether the last query got no answer. */
  get isAway(): boolean {
    return this.#said !== "";
  }

  /** Its status. PGlite counts as ready while it opens: queries wait a moment. */
  async status(): Promise<{ readonly kind: string; readonly ready: boolean }> {
    const opens = this.#options.url === "" && !this.#isOpen && !this.isAway;
    const ready =
      opens ||
      (await this.run((db) => sql`select 1`.execute(db)).then(
        () => true,
        () => false,
      ));
    return { kind: this.kind, ready };
  }

  /**
   * Runs queries.
   *
   * @throws DatabaseAwayError if it does not answer; any error of `work`.
   */
  async run<T>(work: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    try {
      const result = await work(await this.#opened());
      if (this.#said !== "") this.#options.log.info(`${this.kind} answers again.`);
      this.#said = "";
      return result;
    } catch (error) {
      if (!isAway(error)) throw error;
      // A query that `close` interrupted is not worth a message.
      if (this.#closed) throw new DatabaseAwayError({ cause: error });
      const message = errorText(error);
      if (this.#said !== message) this.#options.log.error(`${this.kind} does not answer: ${message}. What is to be stored waits.`);
      this.#said = message;
      throw new DatabaseAwayError({ cause: error });
    }
  }

  /** Runs queries, and retries until they succeed. @throws if `signal` is aborted first, or a value can never be stored. */
  async runUntilDone<T>(work: (db: Kysely<Tables>) => Promise<T>, signal: AbortSignal): Promise<T> {
    const backOff = new BackOff(100, 3_000);
    for (;;) {
      try {
        return await this.run(work);
      } catch (error) {
        if (isUnstorable(error)) throw error;
        if (!(error instanceof DatabaseAwayError)) this.#options.log.error(error, "A query failed; it is tried again.");
        if (signal.aborted || this.#closed) throw error;
        await backOff.wait(signal);
      }
    }
  }

  #opened(): Promise<Kysely<Tables>> {
    if (this.#closed) throw new DatabaseAwayError();
    this.#opening ??= this.#open().catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  async #open(): Promise<Kysely<Tables>> {
    const { url, folder, queryMs = QUERY_MS } = this.#options;
    if (url === "") this.#lock = new FolderLock(folder);
    try {
      const db = new Kysely<Tables>({ dialect: url === "" ? await this.#openEmbedded(folder) : await remote(url, queryMs) });
      await migrate(db).catch(async (error: unknown) => {
        await db.destroy();
        throw error;
      });
      this.#isOpen = true;
      if (url === "") this.#freeLater(db);
      return db;
    } catch (error) {
      this.#lock?.close();
      throw error;
    }
  }

  async #openEmbedded(folder: string): Promise<PGliteDialect> {
    const embedded = new EmbeddedDatabase(folder);
    this.#embedded = embedded;
    await embedded.opened;
    return new PGliteDialect(embedded);
  }

  #freeLater(db: Kysely<Tables>): void {
    const { log, freeEveryMs = FREE_EVERY_MS } = this.#options;
    const free = async () => {
      await freeDeadRows(db).catch((error: unknown) => {
        if (!this.#closed) log.warn(`The room of replaced rows in PGlite could not be freed: ${errorText(error)}. It is tried again.`);
      });
      if (!this.#closed) this.#freeLater(db);
    };
    this.#freeing = setTimeout(() => void free(), freeEveryMs).unref();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#freeing);
    // Without an open database there is no data to lose.
    if (!this.#isOpen) await this.#embedded?.close();
    const db = await this.#opening?.catch(() => undefined);
    await db?.destroy();
    this.#lock?.close();
  }
}

async function remote(url: string, queryMs: number): Promise<PostgresDialect> {
  const { default: pg } = await import("pg");
  /** Ends after a timeout: the driver would use it again, perhaps within an open transaction, and later writes would be rolled back. */
  class Client extends pg.Client {
    constructor(config?: ClientConfig) {
      super(config);
      const query = async (text: string, values: unknown[]) => {
        try {
          return await super.query(text, values);
        } catch (error) {
          if (error instanceof Error && error.message === QUERY_TIMEOUT) void this.end();
          throw error;
        }
      };
      Object.assign(this, { query });
    }
  }
  const pool = new pg.Pool({
    Client,
    connectionString: url,
    max: 8,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: queryMs,
    keepAlive: true,
    application_name: "streamgauge-gateway",
  });
  // An idle connection was lost: the next query gets another.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));
  return new PostgresDialect({ pool });
}

/** How pg says that a query got no answer in time. */
const QUERY_TIMEOUT = "Query read timeout";
const AWAY_CODES = /^(08|28|3D|57P|53|58)|^E(CONN|PIPE|HOST|NET|NOTFOUND|TIMEDOUT|AI_AGAIN)/;
const AWAY_MESSAGES =
  /Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|Client was closed|Cannot use a pool after|PGlite is closed/;

/** Whether the database can never store a value (SQLSTATE class 22, data exceptions): a retry is useless. */
export function isUnstorable(error: unknown): boolean {
  return error instanceof Error && "code" in error && typeof error.code === "string" && error.code.startsWith("22");
}

/** Whether the database is unreachable now, as opposed to a faulty query. */
function isAway(error: unknown): boolean {
  if (error instanceof DatabaseAwayError || error instanceof FolderInUseError) return true;
  if (error instanceof AggregateError) return error.errors.every(isAway);
  if (!(error instanceof Error)) return false;
  return ("code" in error && typeof error.code === "string" && AWAY_CODES.test(error.code)) || AWAY_MESSAGES.test(error.message);
}
