import { Deferred } from "@streamgauge/core";
import { readMadeId } from "../ingress/made-ids.js";
import { IdBloomFilter } from "../predictions/id-bloom-filter.js";
import type { Prediction } from "../predictions/prediction.js";
import type { RowHolder } from "../predictions/room.js";
import type { Database } from "../store/database.js";
import { GroupCommit } from "../store/group-commit.js";
import { InferenceStore, type InferencePosition } from "../store/inference-store.js";
import type { PagePosition, PredictionFilter } from "../store/prediction-store.js";
import type { NewLabels } from "./inference-labels.js";
import { predictionAt, type InferenceRecord } from "./inference-record.js";
import type { OpenInference } from "./open-inference.js";

/** What is known of inference requests of several rows: those that are not stored yet in memory, the others in the database. */
export class InferenceRecords implements Pick<RowHolder, "unstored" | "released"> {
  readonly #store: InferenceStore;
  readonly #known = new IdBloomFilter();
  readonly #unstored = new Map<string, OpenInference>();
  readonly #saves: GroupCommit<OpenInference, undefined>;
  readonly #labels: GroupCommit<NewLabels, undefined>;
  #rows = 0;
  #released = new Deferred<void>();
  #isComplete = false;

  /** @param signal - aborted when the gateway stops waiting for the database. */
  constructor(database: Database, signal: AbortSignal) {
    const store = new InferenceStore(database);
    this.#store = store;
    this.#saves = new GroupCommit(async (group) => {
      // One that is kept may be answered before it is written.
      await store.save([...new Set(group)], signal);
      return group.map(() => undefined);
    }, 16);
    this.#labels = new GroupCommit(async (group) => {
      await store.label(group, signal);
      return group.map(() => undefined);
    }, 1_000);
  }

  /** Loads the ids from before the start. @returns the requests with rows that may still be answered. */
  async recover(signal: AbortSignal): Promise<readonly InferenceRecord[]> {
    for await (const ids of this.#store.ids(signal)) for (const id of ids) this.#known.add(id);
    const pending = await this.#store.pending(signal);
    this.#isComplete = true;
    return pending.filter(({ id }) => !this.#unstored.has(id));
  }

  /** Begins with an empty database: there is nothing to recover. */
  begin(): void {
    this.#isComplete = true;
  }

  get isEmpty(): boolean {
    return this.#known.isEmpty;
  }

  /** The number of rows that are not in the database. */
  get unstored(): number {
    return this.#rows;
  }

  /** Resolves when the next of these rows are stored, or given up. */
  get released(): Promise<void> {
    return this.#released.promise;
  }

  /** Whether a request of this id may be known; false is certain, once those from before the start are. */
  mayHave(id: string): boolean {
    return this.#known.mayHave(id);
  }

  /** Resolves if the database answers. @throws DatabaseAwayError */
  requireDatabase(): Promise<void> {
    return this.#store.requireDatabase();
  }

  /** Keeps a request in memory until it is stored. */
  hold(inference: OpenInference): void {
    this.#known.add(inference.id);
    this.#unstored.set(inference.id, inference);
    this.#rows += inference.rows;
  }

  /** Forgets a request that was not sent. */
  drop(inference: OpenInference): void {
    this.#release(inference);
    inference.stored.resolve(undefined);
  }

  /** Stores a request that waits for its answers, which are stored when they are there. Does not wait. */
  keep(inference: OpenInference): void {
    // If it cannot be stored, that is said of the request with its answers.
    this.#saves.add(inference).catch(() => undefined);
  }

  /** Stores a request as it is now. Does not wait: `stored` of the request says when it is done. */
  save(inference: OpenInference): void {
    this.#saves.add(inference).then(
      (result) => {
        this.#release(inference);
        inference.stored.resolve(result);
      },
      (error: Error) => {
        this.#release(inference);
        inference.stored.reject(error);
      },
    );
  }

  #release({ id, rows }: OpenInference): void {
    if (this.#unstored.delete(id)) this.#rows -= rows;
    this.#released.resolve();
    this.#released = new Deferred();
  }

  /** Resolves when the labels are stored, if such a request is. */
  async label(labels: NewLabels): Promise<void> {
    await this.#unstored.get(labels.id)?.stored.promise.catch(() => undefined);
    await this.#labels.add(labels);
  }

  /** The row with this id. @throws DatabaseAwayError */
  async get(id: string): Promise<Prediction | undefined> {
    const made = readMadeId(id);
    if (made === undefined) return undefined;
    const record = this.#unstored.get(made.prefix) ?? (await this.#stored(made.prefix));
    return record === undefined || made.row >= record.rows ? undefined : predictionAt(record, made.row, Date.now());
  }

  async #stored(id: string): Promise<InferenceRecord | undefined> {
    return this.#isComplete && !this.mayHave(id) ? undefined : this.#store.get(id);
  }

  /**
   * Stored rows that the filter selects, newest first, and of a request the last first.
   *
   * @param after - the row before, or the time of another prediction before.
   */
  async list(filter: PredictionFilter, after: PagePosition | undefined, most: number): Promise<Prediction[]> {
    if (this.#isComplete && this.isEmpty) return [];
    const made = readMadeId(after?.id ?? "");
    const isRow = after !== undefined && made !== undefined && (await this.get(after.id)) !== undefined;
    let from: (InferencePosition & { readonly row?: number }) | undefined = isRow
      ? { createdAt: after.createdAt, id: made.prefix, row: made.row }
      : after && { createdAt: after.createdAt };
    const found: Prediction[] = [];
    for (;;) {
      const now = Date.now();
      const page = await this.#store.list(filter, from, LISTED, now);
      for (const record of page) found.push(...rowsIn(record, filter, record.id === from?.id ? (from.row ?? 0) : record.rows, now));
      const last = page.at(-1);
      if (found.length >= most || page.length < LISTED || last === undefined) return found.slice(0, most);
      from = { createdAt: last.createdAt, id: last.id, row: 0 };
    }
  }

  /** The writes of the requests that are not stored. */
  writes(): Promise<unknown>[] {
    return Array.from(this.#unstored.values(), ({ stored }) => stored.promise);
  }
}

/** Requests that a list reads at once. */
const LISTED = 10;

/** The rows before `end` that the filter selects, the last first. */
function rowsIn(record: InferenceRecord, filter: PredictionFilter, end: number, now: number): Prediction[] {
  const found: Prediction[] = [];
  for (let row = end - 1; row >= 0; row -= 1) {
    const prediction = predictionAt(record, row, now);
    if (isSelected(prediction, filter)) found.push(prediction);
  }
  return found;
}

/** As the database selects predictions: see prediction-store.ts. All rows of a request have one time, which it has looked at. */
function isSelected(prediction: Prediction, { status, model, minError, maxError, q }: PredictionFilter): boolean {
  const { absolute_error: error, y_true: label, y_pred: predicted } = prediction;
  // An error beyond a double is larger than any minimum.
  const known = error ?? (label === undefined || predicted === undefined ? Number.NaN : Infinity);
  return (
    (status === undefined || prediction.status === status) &&
    (model === undefined || prediction.model === model) &&
    (minError === undefined || known >= minError) &&
    (maxError === undefined || known <= maxError) &&
    (q === undefined || prediction.id.includes(q))
  );
}
