import { existsSync } from "node:fs";
import { join } from "node:path";
import { BackOff, type Closable, type Logger, errorText } from "@streamgauge/core";
import { Kysely, PostgresDialect, sql } from "kysely";
import { DatabaseAwayError } from "./database-away.js";
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
}

/** Longer than any query of the gateway takes. */
const QUERY_MS = 30_000;
const CONNECT_MS = 3_000;

/**
 * The gateway's database, opened by `open`, or when it is first asked for. PGlite takes seconds to open, in a thread of its own.
 * Each try finds out anew whether PostgreSQL answers.
 */
export class Database implements Closable {
  readonly #options: DatabaseOptions;
  #opening: Promise<Kysely<Tables>> | undefined;
  #embedded: EmbeddedDatabase | undefined;
  #isOpen = false;
  /** While PGlite is open. */
  #lock: FolderLock | undefined;
  #closed = false;
  #said = "";

  constructor(options: DatabaseOptions) {
    this.#options = options;
  }

  /** Whether there may be something in it already. */
  get mayHoldData(): boolean {
    return this.#options.url !== "" || existsSync(join(this.#options.folder, "PG_VERSION"));
  }

  /** What is used, for people. */
  get kind(): "PostgreSQL" | "PGlite" {
    return this.#options.url === "" ? "PGlite" : "PostgreSQL";
  }

  /** Begins to open it, for those who come later. */
  open(): void {
    this.run((db) => sql`select 1`.execute(db)).catch((error: unknown) => {
      if (!(error instanceof DatabaseAwayError)) this.#options.log.error(error, `${this.kind} cannot be used.`);
    });
  }

  /** Whether it did not answer when it was asked last. */
  get isAway(): boolean {
    return this.#said !== "";
  }

  /** How it is. PGlite that is still being opened is ready: what it is to be told waits a moment. */
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
   * @throws DatabaseAwayError where it does not answer; whatever `work` throws.
   */
  async run<T>(work: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    try {
      const result = await work(await this.#opened());
      if (this.#said !== "") this.#options.log.info(`${this.kind} answers again.`);
      this.#said = "";
      return result;
    } catch (error) {
      if (!isAway(error)) throw error;
      // What its own end interrupted is nothing that a user could mend.
      if (this.#closed) throw new DatabaseAwayError({ cause: error });
      const message = errorText(error);
      if (this.#said !== message) this.#options.log.error(`${this.kind} does not answer: ${message}. What it is to be told waits.`);
      this.#said = message;
      throw new DatabaseAwayError({ cause: error });
    }
  }

  /** The same, tried until it succeeds. @throws where `signal` is aborted first, or a value can never be stored. */
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
    const { url, folder } = this.#options;
    if (url === "") this.#lock = new FolderLock(folder);
    try {
      const db = new Kysely<Tables>({ dialect: url === "" ? await this.#openEmbedded(folder) : await remote(url) });
      await migrate(db).catch(async (error: unknown) => {
        await db.destroy();
        throw error;
      });
      this.#isOpen = true;
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

  async close(): Promise<void> {
    this.#closed = true;
    // Nothing is in it yet that could be lost.
    if (!this.#isOpen) await this.#embedded?.close();
    const db = await this.#opening?.catch(() => undefined);
    await db?.destroy();
    this.#lock?.close();
  }
}

async function remote(url: string): Promise<PostgresDialect> {
  const { default: pg } = await import("pg");
  const pool = new pg.Pool({
    connectionString: url,
    max: 8,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: QUERY_MS,
    keepAlive: true,
    application_name: "streamgauge-gateway",
  });
  // A connection that is lost while no query runs on it: the next query gets another.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));
  return new PostgresDialect({ pool });
}

const AWAY_CODES = /^(08|28|3D|57P|53|58)|^E(CONN|PIPE|HOST|NET|NOTFOUND|TIMEDOUT|AI_AGAIN)/;
const AWAY_MESSAGES =
  /Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|Cannot use a pool after|PGlite is closed/;

/** Whether an error says that a value is none that the database can hold (SQLSTATE class 22, data exceptions): to try again is of no use. */
export function isUnstorable(error: unknown): boolean {
  return error instanceof Error && "code" in error && typeof error.code === "string" && error.code.startsWith("22");
}

/** Whether an error says that the database cannot be asked now, rather than that the question was wrong. */
function isAway(error: unknown): boolean {
  if (error instanceof DatabaseAwayError || error instanceof FolderInUseError) return true;
  if (error instanceof AggregateError) return error.errors.every(isAway);
  if (!(error instanceof Error)) return false;
  return ("code" in error && typeof error.code === "string" && AWAY_CODES.test(error.code)) || AWAY_MESSAGES.test(error.message);
}
