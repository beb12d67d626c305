import { sql, type Kysely, type Selectable } from "kysely";
import { intervalOf } from "../predictions/interval.js";
import type { Answer, Prediction } from "../predictions/prediction.js";
import type { Database } from "./database.js";
import type { PredictionTable, Tables } from "./schema.js";

/** A row to predict. Times in ms since 1970. */
export interface NewPrediction {
  readonly id: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  /** JSON. */
  readonly features: string;
  /** When the row happened, if the request says. */
  readonly event_time?: number | undefined;
}

/** A row to predict, with its answer if that is known. */
export interface AnsweredPrediction extends NewPrediction {
  readonly answer?: Answer;
}

export interface LabelOf {
  readonly id: string;
  readonly y_true: number;
  /** When it was corrected, ms since 1970; undefined if it is no correction. */
  readonly correctedAt?: number | undefined;
}

/** Selects the predictions to list. */
export interface PredictionFilter {
  readonly status?: Prediction["status"];
  readonly model?: string;
  readonly since?: string;
  readonly until?: string;
  readonly minError?: number;
  readonly maxError?: number;
  /** Part of the id. */
  readonly q?: string;
}

/** The end of a page. */
export interface PagePosition {
  readonly createdAt: number;
  readonly id: string;
}

/** Predictions in the database. */
export class PredictionStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Stores predictions with new ids. @returns for each whether it was new. */
  async insert(predictions: readonly NewPrediction[]): Promise<boolean[]> {
    return whichAre(await this.#database.run((db) => insertQuery(predictions).execute(db)), predictions);
  }

  /** Stores predictions with their answers in the same way, and retries until it succeeds. @throws if `signal` is aborted first, or a value can never be stored. */
  async insertUntilDone(predictions: readonly AnsweredPrediction[], signal: AbortSignal): Promise<boolean[]> {
    return whichAre(await this.#database.runUntilDone((db) => insertQuery(predictions).execute(db), signal), predictions);
  }

  async remove(ids: readonly string[]): Promise<void> {
    await this.#database.run((db) =>
      db
        .deleteFrom("predictions")
        .where("id", "in", [...ids])
        .execute(),
    );
  }

  async get(id: string): Promise<Prediction | undefined> {
    const row = await this.#database.run((db) => db.selectFrom("predictions").selectAll().where("id", "=", id).executeTakeFirst());
    return row === undefined ? undefined : predictionOf(row, Date.now());
  }

  /** Newest first. */
  async list(filter: PredictionFilter, after: PagePosition | undefined, most: number): Promise<Prediction[]> {
    const now = Date.now();
    const rows = await this.#database.run((db) => listQuery(db, filter, after, new Date(now)).limit(most).execute());
    return rows.map((row) => predictionOf(row, now));
  }

  /** Stores answers, once per row. */
  async answer(answers: readonly Answer[], signal: AbortSignal): Promise<void> {
    await this.#database.runUntilDone(
      (db) =>
        sql`
          update predictions set
            status = case when answer.reason is null then 'succeeded' else 'failed' end,
            y_pred = answer.y_pred, half_width = answer.half_width, model = answer.model, reason = answer.reason, answered_at = to_timestamp(answer."answeredAt" / 1000)
          from json_to_recordset(${JSON.stringify(answers)}::json)
            as answer (id text, "answeredAt" double precision, y_pred double precision, half_width double precision, model text, reason text)
          where predictions.id = answer.id and status = 'pending' and expires_at > to_timestamp(answer."answeredAt" / 1000)`.execute(db),
      signal,
    );
  }

  /** Stores labels of rows that have none, and corrections, of which the one that was made last counts. */
  async label(labels: readonly LabelOf[], signal: AbortSignal): Promise<void> {
    const first = labels.filter(({ correctedAt }) => correctedAt === undefined);
    if (first.length > 0) await this.#labelFirst(first, signal);
    const latest = latestCorrections(labels);
    if (latest.length > 0) await this.#correct(latest, signal);
  }

  async #correct(corrections: readonly LabelOf[], signal: AbortSignal): Promise<void> {
    await this.#database.runUntilDone(
      (db) =>
        sql`
          update predictions set corrected_y_true = correction.y_true, corrected_at = correction."correctedAt"
          from json_to_recordset(${JSON.stringify(corrections)}::json)
            as correction (id text, y_true double precision, "correctedAt" double precision)
          where predictions.id = correction.id and (corrected_at is null or corrected_at <= correction."correctedAt")`.execute(db),
      signal,
    );
  }

  async #labelFirst(labels: readonly LabelOf[], signal: AbortSignal): Promise<void> {
    await this.#database.runUntilDone(
      (db) =>
        sql`
          update predictions set y_true = label.y_true
          from json_to_recordset(${JSON.stringify(labels)}::json) as label (id text, y_true double precision)
          where predictions.id = label.id and predictions.y_true is null`.execute(db),
      signal,
    );
  }

  /** All ids, page by page. */
  async *ids(signal: AbortSignal): AsyncGenerator<string[], void> {
    for (let last = ""; ;) {
      const rows = await this.#database.runUntilDone(
        (db) => db.selectFrom("predictions").select("id").where("id", ">", last).orderBy("id").limit(PAGE).execute(),
        signal,
      );
      if (rows.length > 0) yield rows.map(({ id }) => id);
      const end = rows.at(-1);
      if (rows.length < PAGE || end === undefined) return;
      last = end.id;
    }
  }

  /** Predictions without an answer, oldest first. */
  async pending(signal: AbortSignal): Promise<NewPrediction[]> {
    const rows = await this.#database.runUntilDone(
      (db) =>
        db
          .selectFrom("predictions")
          .select(["id", "created_at", "expires_at", "features", "event_time"])
          .where("status", "=", "pending")
          .where("expires_at", ">", new Date())
          .orderBy("created_at")
          .execute(),
      signal,
    );
    return rows.map(({ id, created_at: created, expires_at: expires, features, event_time: time }) => ({
      id,
      createdAt: created.getTime(),
      expiresAt: expires.getTime(),
      features,
      event_time: time ?? undefined,
    }));
  }
}

const PAGE = 10_000;

/** Of each id the correction that was made last; of two of one moment, the second. */
function latestCorrections(labels: readonly LabelOf[]): LabelOf[] {
  const latest = new Map<string, LabelOf>();
  for (const label of labels) {
    const { id, correctedAt } = label;
    if (correctedAt !== undefined && correctedAt >= (latest.get(id)?.correctedAt ?? -Infinity)) latest.set(id, label);
  }
  return [...latest.values()];
}

function insertQuery(predictions: readonly AnsweredPrediction[]) {
  const given = predictions.map(({ answer, ...row }) => (answer === undefined ? row : { ...answer, ...row }));
  return sql<{ id: string }>`
    insert into predictions (id, created_at, expires_at, status, features, event_time, y_pred, half_width, model, reason, answered_at)
    select id, to_timestamp("createdAt" / 1000), to_timestamp("expiresAt" / 1000),
      case when "answeredAt" is null then 'pending' when reason is null then 'succeeded' else 'failed' end,
      features, event_time, y_pred, half_width, model, reason, to_timestamp("answeredAt" / 1000)
    from json_to_recordset(${JSON.stringify(given)}::json)
      as given (id text, "createdAt" double precision, "expiresAt" double precision, features text, event_time double precision,
        y_pred double precision, half_width double precision, model text, reason text, "answeredAt" double precision)
    on conflict (id) do nothing
    returning id`;
}

/** For each whether it was inserted. If a group has an id twice, the first one is new. */
function whichAre({ rows }: { readonly rows: readonly { readonly id: string }[] }, predictions: readonly NewPrediction[]): boolean[] {
  const inserted = new Set(rows.map(({ id }) => id));
  return predictions.map(({ id }) => inserted.delete(id));
}

function listQuery(db: Kysely<Tables>, filter: PredictionFilter, after: PagePosition | undefined, now: Date) {
  let query = db.selectFrom("predictions").selectAll().orderBy("created_at", "desc").orderBy("id", "desc");
  const { status, model, since, until, minError, maxError, q } = filter;
  if (status === "expired") query = query.where("status", "=", "pending").where("expires_at", "<=", now);
  else if (status === "pending") query = query.where("status", "=", "pending").where("expires_at", ">", now);
  else if (status !== undefined) query = query.where("status", "=", status);
  if (model !== undefined) query = query.where("model", "=", model);
  if (since !== undefined) query = query.where("created_at", ">=", new Date(since));
  if (until !== undefined) query = query.where("created_at", "<", new Date(until));
  // An error that the database cannot compute is larger than any minimum.
  if (minError !== undefined)
    query = query.where(
      sql<boolean>`(absolute_error >= ${minError} or (absolute_error is null and y_true is not null and y_pred is not null))`,
    );
  if (maxError !== undefined) query = query.where("absolute_error", "<=", maxError);
  if (q !== undefined) query = query.where(sql<boolean>`strpos(id, ${q}) > 0`);
  if (after !== undefined) query = query.where(sql<boolean>`(created_at, id) < (${new Date(after.createdAt)}, ${after.id})`);
  return query;
}

function predictionOf(row: Selectable<PredictionTable>, now: number): Prediction {
  const { created_at: created, expires_at: expires, answered_at: answered } = row;
  return {
    id: row.id,
    status: row.status === "pending" && expires.getTime() <= now ? "expired" : row.status,
    createdAt: created.toISOString(),
    expiresAt: expires.toISOString(),
    features: JSON.parse(row.features),
    ...(row.event_time === null ? {} : { event_time: row.event_time }),
    ...(row.y_pred === null ? {} : { y_pred: row.y_pred }),
    ...intervalOf(row.y_pred ?? undefined, row.half_width ?? undefined),
    ...(row.model === null ? {} : { model: row.model }),
    ...(answered === null ? {} : { answeredAt: answered.toISOString(), latencyMs: answered.getTime() - created.getTime() }),
    ...(row.y_true === null ? {} : { y_true: row.corrected_y_true ?? row.y_true }),
    ...(row.y_true === null || row.corrected_y_true === null ? {} : { first_y_true: row.y_true }),
    ...(row.absolute_error === null ? {} : { absolute_error: row.absolute_error }),
    ...(row.reason === null ? {} : { reason: row.reason }),
  };
}
