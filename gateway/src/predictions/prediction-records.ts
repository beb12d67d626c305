import { setTimeout as delay } from "node:timers/promises";
import type { InferenceRecords } from "../inferences/inference-records.js";
import { readMadeId } from "../ingress/made-ids.js";
import type { Database } from "../store/database.js";
import { GroupCommit } from "../store/group-commit.js";
import { PredictionStore, type LabelOf, type NewPrediction, type PagePosition, type PredictionFilter } from "../store/prediction-store.js";
import type { Asked } from "./accepted.js";
import { IdBloomFilter } from "./id-bloom-filter.js";
import { UnstoredRows } from "./unstored-rows.js";
import { pendingPrediction, withAnswer, type Answer, type Features, type Prediction, type Times } from "./prediction.js";

/** An answer that is being stored. */
interface UnstoredAnswer extends Times {
  readonly answer: Answer;
  readonly stored: Promise<unknown>;
}

/**
 * What is known of requested rows. The database is where it stands; memory adds to it only what the database does not have yet:
 * rows until they are inserted, and answers until they are stored. So a reader sees each fact from the moment it is known.
 */
export class PredictionRecords {
  readonly #database: Database;
  readonly #store: PredictionStore;
  /** Rows of requests of several: their ids are taken. */
  readonly #inferred: InferenceRecords;
  readonly #known = new IdBloomFilter();
  readonly #inserts: GroupCommit<NewPrediction, boolean>;
  readonly #answers: GroupCommit<Answer, undefined>;
  readonly #labels: GroupCommit<LabelOf, undefined>;
  /** Rows that do not wait for the database. */
  readonly #unstoredRows: UnstoredRows;
  readonly #unstoredAnswers = new Map<string, UnstoredAnswer>();
  #isComplete = false;

  /** @param signal - aborted when the gateway stops waiting for the database. */
  constructor(database: Database, inferred: InferenceRecords, signal: AbortSignal) {
    const store = new PredictionStore(database);
    this.#inferred = inferred;
    this.#database = database;
    this.#store = store;
    this.#inserts = new GroupCommit((group) => store.insert(group), 2_000);
    this.#unstoredRows = new UnstoredRows((rows) => store.insertUntilDone(rows, signal));
    this.#answers = new GroupCommit(async (group) => {
      await store.answer(group, signal);
      return group.map(() => undefined);
    }, 10_000);
    this.#labels = new GroupCommit(async (group) => {
      await store.label(group, signal);
      return group.map(() => undefined);
    }, 10_000);
  }

  /** Loads the ids from before the start. @returns the rows without an answer; rows of this run may be among them. */
  async recover(signal: AbortSignal): Promise<readonly NewPrediction[]> {
    for await (const ids of this.#store.ids(signal)) for (const id of ids) this.#known.add(id);
    const pending = await this.#store.pending(signal);
    this.#isComplete = true;
    return pending;
  }

  /** Begins with an empty database: there is nothing to recover. */
  begin(): void {
    this.#isComplete = true;
  }

  /** Whether the ids from before the start are known. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** The number of rows that are not in the database. */
  get unstored(): number {
    return this.#unstoredRows.size;
  }

  /** Resolves when the next of these rows are stored, or given up. */
  get released(): Promise<void> {
    return this.#unstoredRows.released;
  }

  get isEmpty(): boolean {
    return this.#known.isEmpty;
  }

  /** Whether a row of this id may exist, as far as ids are known; false is certain then. */
  mayHave(id: string): boolean {
    return this.#known.mayHave(id);
  }

  /** Whether it may be the id of a row of a request of several, in the same way. */
  mayBeInferred(id: string): boolean {
    const prefix = readMadeId(id)?.prefix;
    return prefix !== undefined && this.#inferred.mayHave(prefix);
  }

  /** Whether memory has something of a row that the database may lack. */
  isHeld(id: string): boolean {
    return this.#unstoredRows.has(id) || this.#unstoredAnswers.has(id);
  }

  /** Stores a row. @returns whether its id was new. @throws DatabaseAwayError */
  async insert(row: NewPrediction): Promise<boolean> {
    if (this.mayBeInferred(row.id) && (await this.#inferred.get(row.id)) !== undefined) return false;
    this.#known.add(row.id);
    return !this.#unstoredRows.has(row.id) && this.#inserts.add(row);
  }

  /** Stores a row in the background, with its answer if that comes soon. Its id counts as known at once. */
  insertLater(row: NewPrediction, features: Features): void {
    this.#known.add(row.id);
    this.#unstoredRows.add(row, features);
  }

  /** Resolves when the database has the row. */
  inserted(id: string): Promise<unknown> {
    return this.#unstoredRows.get(id)?.inserted.promise ?? Promise.resolve();
  }

  /** Removes rows, also those that are being inserted. @throws DatabaseAwayError if one was stored already. */
  async remove(ids: readonly string[]): Promise<void> {
    const begun = ids.filter((id) => !this.#unstoredRows.drop(id));
    const inserts = begun.flatMap((id) => this.#unstoredRows.get(id)?.inserted.promise ?? []);
    if (inserts.length > 0) void Promise.allSettled(inserts).then(() => this.#store.remove(begun).catch(() => undefined));
    else if (begun.length > 0) await this.#store.remove(begun);
  }

  /** Resolves when the answer is stored. @param times - those of its row. */
  answer(answer: Answer, { createdAt, expiresAt }: Times): Promise<unknown> {
    const { id } = answer;
    const withRow = this.#unstoredRows.answer(answer);
    const stored = (withRow ?? this.inserted(id).then(() => this.#answers.add(answer))).finally(() => this.#unstoredAnswers.delete(id));
    this.#unstoredAnswers.set(id, { answer, createdAt, expiresAt, stored });
    return stored;
  }

  /** Resolves when the label is stored, if a row of this id is. */
  async label(label: LabelOf): Promise<void> {
    // The filter may take an id with NUL for a known one, and the database refuses NUL.
    if (label.id.includes("\0")) return;
    await this.inserted(label.id);
    await this.#labels.add(label);
  }

  /** When a row was requested, and when it expires; undefined if memory has nothing of it. */
  timesOf(id: string): Times | undefined {
    return this.#unstoredRows.get(id)?.row ?? this.#unstoredAnswers.get(id);
  }

  /** The answer to a row if it is not stored yet. */
  unstoredAnswer(id: string): Answer | undefined {
    return this.#unstoredAnswers.get(id)?.answer;
  }

  /** The features of a row, and when it happened; all that is stored of it if it is stored. @throws DatabaseAwayError */
  async askedFor(id: string): Promise<Prediction | Pick<Asked, "features" | "event_time"> | undefined> {
    const unstored = this.#unstoredRows.get(id);
    if (unstored !== undefined) return { features: unstored.features, event_time: unstored.row.event_time };
    return this.#stored(id);
  }

  /** @throws DatabaseAwayError */
  async get(id: string): Promise<Prediction | undefined> {
    // Read first: while the database is read, the answer may be stored and leave memory.
    const answer = this.unstoredAnswer(id);
    const unstored = this.#unstoredRows.get(id);
    const known = unstored === undefined ? await this.#stored(id) : pendingPrediction(unstored.row, unstored.features, Date.now());
    return known === undefined || answer === undefined ? known : withAnswer(known, answer);
  }

  async #stored(id: string): Promise<Prediction | undefined> {
    return (await this.#inferred.get(id)) ?? this.#store.get(id);
  }

  /** Stored rows, newest first; of one time those of requests of several are last. */
  async list(filter: PredictionFilter, after: PagePosition | undefined, most: number): Promise<Prediction[]> {
    const inferred = await this.#inferred.list(filter, after, most);
    const isInferred = after !== undefined && this.mayBeInferred(after.id) && (await this.#inferred.get(after.id)) !== undefined;
    // All others of that time were before it.
    const others = await this.#store.list(filter, isInferred ? { ...after, id: "" } : after, most);
    return [...others, ...inferred].toSorted((one, other) => Date.parse(other.createdAt) - Date.parse(one.createdAt)).slice(0, most);
  }

  /**
   * Resolves when everything is stored, after `ms`, or at once if the database is away.
   *
   * @param more - other writes that are under way. @returns the number of rows that are not in the database.
   */
  async storedWithin(ms: number, more: readonly Promise<unknown>[]): Promise<number> {
    const answers = Array.from(this.#unstoredAnswers.values(), ({ stored }) => stored);
    const writes = [...this.#unstoredRows.writes(), ...answers, ...more];
    if (writes.length > 0 && !this.#database.isAway) await Promise.race([Promise.allSettled(writes), delay(ms, undefined, { ref: false })]);
    return this.#unstoredRows.size + this.#inferred.unstored;
  }
}
