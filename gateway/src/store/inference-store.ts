import { sql, type Insertable, type Kysely, type Selectable } from "kysely";
import {
  absoluteErrorOf,
  labelInForce,
  noLabels,
  noteLabels,
  type InferenceLabels,
  type NewLabels,
} from "../inferences/inference-labels.js";
import type { InferenceRecord } from "../inferences/inference-record.js";
import type { Database } from "./database.js";
import { packColumns, unpackColumns } from "./packed-columns.js";
import type { PredictionFilter } from "./prediction-store.js";
import type { InferenceTable, Tables } from "./schema.js";
import { readTextsByRow, writeTextsByRow } from "./texts-by-row.js";

/** Inference requests of several rows in the database, one row of it for each. */
export class InferenceStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Resolves if the database answers. @throws DatabaseAwayError */
  async requireDatabase(): Promise<void> {
    await this.#database.run((db) => sql`select 1`.execute(db));
  }

  /** Stores requests with their answers, or the answers of those that it has. @throws if `signal` is aborted first, or a value can never be stored. */
  async save(inferences: readonly InferenceRecord[], signal: AbortSignal): Promise<void> {
    const rows = inferences.map(rowOf);
    await this.#database.runUntilDone((db) => saveQuery(db, rows).execute(), signal);
  }

  async get(id: string): Promise<InferenceRecord | undefined> {
    const row = await this.#database.run((db) => db.selectFrom("inferences").selectAll().where("id", "=", id).executeTakeFirst());
    return row === undefined ? undefined : recordOf(row);
  }

  /** Requests with rows that may still be answered, oldest first. */
  async pending(signal: AbortSignal): Promise<InferenceRecord[]> {
    const rows = await this.#database.runUntilDone(
      (db) =>
        db
          .selectFrom("inferences")
          .selectAll()
          .where("expires_at", ">", new Date())
          .where(sql<boolean>`succeeded + failed < rows`)
          .orderBy("created_at")
          .execute(),
      signal,
    );
    return rows.map(recordOf);
  }

  /**
   * Requests that may have rows which the filter selects, newest first.
   *
   * @param from - with it, and older ones. @param now - ms since 1970.
   */
  async list(filter: PredictionFilter, from: InferencePosition | undefined, most: number, now: number): Promise<InferenceRecord[]> {
    const rows = await this.#database.run((db) => listQuery(db, filter, from, new Date(now)).limit(most).execute());
    return rows.map(recordOf);
  }

  /** All ids, page by page. */
  async *ids(signal: AbortSignal): AsyncGenerator<string[], void> {
    for (let last = ""; ;) {
      const after = last;
      const rows = await this.#database.runUntilDone(
        (db) => db.selectFrom("inferences").select("id").where("id", ">", after).orderBy("id").limit(PAGE).execute(),
        signal,
      );
      if (rows.length > 0) yield rows.map(({ id }) => id);
      const end = rows.at(-1);
      if (rows.length < PAGE || end === undefined) return;
      last = end.id;
    }
  }

  /** Stores labels of the requests that it has. */
  async label(labels: readonly NewLabels[], signal: AbortSignal): Promise<void> {
    const ofRequests = new Map<string, NewLabels[]>();
    for (const one of labels) ofRequests.set(one.id, [...(ofRequests.get(one.id) ?? []), one]);
    await this.#database.runUntilDone(
      (db) =>
        db.transaction().execute(async (transaction) => {
          for (const [id, news] of ofRequests) await labelOne(transaction, id, news);
        }),
      signal,
    );
  }
}

const PAGE = 10_000;

/** Where a page begins: with this request, or with the newest of a time. */
export interface InferencePosition {
  readonly createdAt: number;
  readonly id?: string;
}

function listQuery(
  db: Kysely<Tables>,
  { status, model, since, until, minError, maxError, q }: PredictionFilter,
  from: InferencePosition | undefined,
  now: Date,
) {
  let query = db.selectFrom("inferences").selectAll().orderBy("created_at", "desc").orderBy("id", "desc");
  if (status === "succeeded" || status === "failed") query = query.where(status, ">", 0);
  else if (status !== undefined)
    query = query.where(sql<boolean>`succeeded + failed < rows`).where("expires_at", status === "pending" ? ">" : "<=", now);
  if (model !== undefined) query = query.where(sql<boolean>`(model = ${model} or strpos(other_models, ${JSON.stringify(model)}) > 0)`);
  if (since !== undefined) query = query.where("created_at", ">=", new Date(since));
  if (until !== undefined) query = query.where("created_at", "<", new Date(until));
  if (minError !== undefined) query = query.where("greatest_error", ">=", minError);
  if (maxError !== undefined) query = query.where("least_error", "<=", maxError);
  if (q !== undefined && !isInTails(q))
    query = query.where(sql<boolean>`(strpos(id, ${q}) > 0 or ${headOf(q)} = right(id, length(${headOf(q)})))`);
  if (from?.id !== undefined) query = query.where(sql<boolean>`(created_at, id) <= (${new Date(from.createdAt)}, ${from.id})`);
  else if (from !== undefined) query = query.where("created_at", "<=", new Date(from.createdAt));
  return query;
}

/** Whether a text may be in what follows the prefix in the id of a row. */
function isInTails(text: string): boolean {
  return /^-?[0-9]{0,7}$/.test(text);
}

/** What of a text must end a prefix, if the rest is in what follows it; null if it cannot be so. */
function headOf(text: string): string | null {
  return /^([0-9a-z]+)-[0-9]{0,7}$/.exec(text)?.[1] ?? null;
}

function saveQuery(db: Kysely<Tables>, rows: readonly Insertable<InferenceTable>[]) {
  return db
    .insertInto("inferences")
    .values([...rows])
    .onConflict((conflict) =>
      conflict.column("id").doUpdateSet((given) => ({
        answered_at: given.ref("excluded.answered_at"),
        answers: given.ref("excluded.answers"),
        model: given.ref("excluded.model"),
        other_models: given.ref("excluded.other_models"),
        reasons: given.ref("excluded.reasons"),
        succeeded: given.ref("excluded.succeeded"),
        failed: given.ref("excluded.failed"),
        labels: given.ref("excluded.labels"),
        least_error: given.ref("excluded.least_error"),
        greatest_error: given.ref("excluded.greatest_error"),
      })),
    );
}

async function labelOne(db: Kysely<Tables>, id: string, news: readonly NewLabels[]): Promise<void> {
  const row = await db.selectFrom("inferences").select(["rows", "answers", "labels"]).where("id", "=", id).forUpdate().executeTakeFirst();
  if (row === undefined) return;
  const labels = labelsOf(row) ?? noLabels(row.rows);
  for (const one of news) noteLabels(labels, one);
  await db
    .updateTable("inferences")
    .set(labelledRow(labels, answersOf(row)))
    .where("id", "=", id)
    .execute();
}

function labelledRow(
  labels: InferenceLabels | undefined,
  predictions: Float64Array,
): Pick<InferenceTable, "labels" | "least_error" | "greatest_error"> {
  if (labels === undefined) return { labels: null, least_error: null, greatest_error: null };
  return { labels: packedLabels(labels), ...errorRange(labels, predictions) };
}

/** Infinite if a pair's error is beyond a double; null if there is no pair. */
function errorRange(labels: InferenceLabels, predictions: Float64Array): Pick<InferenceTable, "least_error" | "greatest_error"> {
  let range: [number, number] | undefined;
  for (const [row, prediction] of predictions.entries()) {
    const label = labelInForce(labels, row);
    if (Number.isNaN(label) || Number.isNaN(prediction)) continue;
    const error = absoluteErrorOf(label, prediction) ?? Infinity;
    range = [Math.min(range?.[0] ?? Infinity, error), Math.max(range?.[1] ?? 0, error)];
  }
  return { least_error: range?.[0] ?? null, greatest_error: range?.[1] ?? null };
}

function rowOf(record: InferenceRecord): Insertable<InferenceTable> {
  const { id, rows, columns, eventTimes, answeredAt, y_pred: predictions, halfWidths, model, otherModels, reasons, labels } = record;
  return {
    id,
    rows,
    created_at: new Date(record.createdAt),
    expires_at: new Date(record.expiresAt),
    answered_at: answeredAt === undefined ? null : new Date(answeredAt),
    features: packColumns(columns),
    event_times: eventTimes === undefined ? null : packColumns([["event_time", eventTimes]]),
    answers: packColumns([["y_pred", predictions], ...(halfWidths === undefined ? [] : [["half_width", halfWidths] as const])]),
    model,
    other_models: writeTextsByRow(otherModels),
    reasons: writeTextsByRow(reasons),
    succeeded: predictions.reduce((sum, value) => sum + Number(!Number.isNaN(value)), 0),
    failed: reasons.size,
    ...labelledRow(labels, predictions),
  };
}

function recordOf(row: Selectable<InferenceTable>): InferenceRecord {
  const { id, rows, model, event_times: times } = row;
  return {
    id,
    rows,
    createdAt: row.created_at.getTime(),
    expiresAt: row.expires_at.getTime(),
    columns: unpackColumns(row.features, rows),
    eventTimes: times === null ? undefined : numbersIn(unpackColumns(times, rows), "event_time"),
    answeredAt: row.answered_at?.getTime(),
    y_pred: answersOf(row),
    halfWidths: halfWidthsOf(row),
    model,
    otherModels: readTextsByRow(row.other_models),
    reasons: readTextsByRow(row.reasons),
    labels: labelsOf(row),
  };
}

function answersOf({ answers, rows }: Pick<Selectable<InferenceTable>, "answers" | "rows">): Float64Array {
  return numbersIn(unpackColumns(answers, rows), "y_pred");
}

/** Undefined if no row has one. */
function halfWidthsOf({ answers, rows }: Pick<Selectable<InferenceTable>, "answers" | "rows">): Float64Array | undefined {
  const column = unpackColumns(answers, rows).get("half_width");
  return column instanceof Float64Array ? column : undefined;
}

function packedLabels({ y_true: labels, corrected, correctedAt }: InferenceLabels): Buffer {
  return packColumns([
    ["y_true", labels],
    ["corrected", corrected],
    ["corrected_at", correctedAt],
  ]);
}

function labelsOf({ labels, rows }: Pick<Selectable<InferenceTable>, "labels" | "rows">): InferenceLabels | undefined {
  if (labels === null) return undefined;
  const columns = unpackColumns(labels, rows);
  const [first, corrected, correctedAt] = ["y_true", "corrected", "corrected_at"].map((name) => numbersIn(columns, name));
  return first === undefined || corrected === undefined || correctedAt === undefined
    ? undefined
    : { y_true: first, corrected, correctedAt };
}

function numbersIn(columns: ReturnType<typeof unpackColumns>, name: string): Float64Array {
  const column = columns.get(name);
  if (column instanceof Float64Array) return column;
  throw new Error(`The database has no numbers ${name} for an inference request.`);
}
