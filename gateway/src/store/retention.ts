import { setTimeout as delay } from "node:timers/promises";
import type { Closable, Logger } from "@streamgauge/core";
import { sql } from "kysely";
import type { Database } from "./database.js";
import { DatabaseAwayError } from "./database-away.js";

export interface RetentionOptions {
  readonly database: Database;
  readonly log: Logger;
  /** How long finished items are kept, in ms; 0: for ever. */
  readonly keepMs: number;
  /** Removes a job with its rows and results. */
  readonly removeJob: (id: string) => Promise<void>;
}

const HOUR_MS = 3_600_000;
/** Predictions, and requests of several, per delete: few enough not to delay other writes. */
const AT_ONCE = 10_000;
const REQUESTS_AT_ONCE = 500;

/** Removes predictions and finished jobs older than `keepMs`: at once, and then at least every hour. */
export function startRetention({ database, log, keepMs, removeJob }: RetentionOptions): Closable {
  const ending = new AbortController();
  const { signal } = ending;

  /** Keeps predictions that may still be answered. */
  const removePredictions = async (before: Date): Promise<number> => {
    const { numAffectedRows = 0n } = await database.run((db) =>
      sql`
        delete from predictions where id in (
          select id from predictions
          where created_at < ${before} and (status <> 'pending' or expires_at < now())
          limit ${AT_ONCE}
        )`.execute(db),
    );
    return Number(numAffectedRows);
  };

  /** @returns the number of rows in each request that was removed. */
  const removeInferences = async (before: Date): Promise<readonly number[]> => {
    const { rows } = await database.run((db) =>
      sql<{ readonly rows: number }>`
        delete from inferences where id in (
          select id from inferences
          where created_at < ${before} and (succeeded + failed = rows or expires_at < now())
          limit ${REQUESTS_AT_ONCE}
        ) returning rows`.execute(db),
    );
    return rows.map((removed) => removed.rows);
  };

  const jobsOver = async (before: Date): Promise<readonly { readonly id: string }[]> =>
    database.run((db) => db.selectFrom("jobs").select("id").where("finished_at", "<", before).orderBy("finished_at").execute());

  const remove = async (): Promise<void> => {
    if (!database.mayHoldData) return;
    const before = new Date(Date.now() - keepMs);
    let predictions = 0;
    for (let removed = AT_ONCE; removed === AT_ONCE && !signal.aborted; predictions += removed) removed = await removePredictions(before);
    for (let removed = REQUESTS_AT_ONCE; removed === REQUESTS_AT_ONCE && !signal.aborted;) {
      const rows = await removeInferences(before);
      removed = rows.length;
      for (const ofRequest of rows) predictions += ofRequest;
    }
    const jobs = signal.aborted ? [] : await jobsOver(before);
    for (const { id } of jobs) if (!signal.aborted) await removeJob(id);
    if (predictions + jobs.length > 0)
      log.info(`Removed what is older than GATEWAY_RETENTION_MS; predictions: ${predictions}, jobs: ${jobs.length}.`);
  };

  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      await remove().catch((error: unknown) => {
        // `Database` logs that it is away; the next round removes the rest.
        if (!(error instanceof DatabaseAwayError)) log.error(error, "What is older than it is kept could not be removed.");
      });
      await delay(Math.min(keepMs, HOUR_MS), undefined, { signal, ref: false }).catch(() => undefined);
    }
  };

  const running = keepMs === 0 ? Promise.resolve() : run();
  return {
    close: async () => {
      ending.abort();
      await running;
    },
  };
}
