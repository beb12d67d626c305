import { BusClosedError, describeRefusal, FEATURES, type Closable, type LabelFrame, type PredictionFrame } from "@streamgauge/core";
import type { InferenceRecord } from "../inferences/inference-record.js";
import { InferenceRecords } from "../inferences/inference-records.js";
import { Inferences } from "../inferences/inferences.js";
import { UnconfirmedError, type Publisher } from "../ingress/publisher.js";
import type { RefusedRow, RowOwner } from "../results/results.js";
import { DatabaseAwayError } from "../store/database-away.js";
import type { Database } from "../store/database.js";
import type { NewPrediction } from "../store/prediction-store.js";
import type { Accepted, Asked } from "./accepted.js";
import { Waits } from "./waits.js";
import { featureMessages } from "./feature-messages.js";
import { FeaturesOutbox } from "./features-outbox.js";
import { PredictionRecords } from "./prediction-records.js";
import type { Answer, Features, Prediction } from "./prediction.js";
import { Room, type RowHolder } from "./room.js";
import { WaitingRows } from "./waiting-rows.js";

/** An id or an Idempotency-Key belongs to another row. */
export class IdTakenError extends Error {
  override readonly name = "IdTakenError";
  readonly id: string;

  constructor(id: string) {
    super(`The id ${JSON.stringify(id)} was asked for with other features or another event time: use a new id, or a new Idempotency-Key.`);
    this.id = id;
  }
}

/**
 * Whether a row is stored or sent first. "stored first" survives any restart. "sent first" does not wait for the database, which
 * stores the row and its answer later: the record is lost only if the process ends before that.
 */
export type Order = "stored first" | "sent first";

/** Requests from before the start without all of their answers. */
export interface Unanswered {
  readonly rows: readonly NewPrediction[];
  readonly inferences: readonly InferenceRecord[];
}

/** A row that is to be sent. */
interface Fresh extends NewPrediction {
  /** Whether this request stored it. */
  readonly isNew: boolean;
}

/** Interval between checks for expired predictions, in ms. */
const SWEEP_MS = 1_000;
/** Rows per message when they are sent again after a restart. */
const AGAIN_ROWS = 256;

/** Requested predictions: stores and sends each row, in the order of the request, and stores its answer. */
export class Predictions implements RowOwner, Closable {
  readonly #database: Database;
  readonly #publisher: Publisher;
  readonly #outbox: FeaturesOutbox;
  readonly #waiting = new WaitingRows();
  /** Rows that a request has stored and does not expect yet. */
  readonly #accepting = new Set<string>();
  readonly #ending = new AbortController();
  readonly #records: PredictionRecords;
  readonly #sweep: NodeJS.Timeout;
  readonly #room: Room;
  /** Requests of several rows that are one thing from end to end. */
  readonly inferences: Inferences;
  /** Of requests, for answers. */
  readonly waits = new Waits();

  constructor(database: Database, publisher: Publisher) {
    this.#database = database;
    this.#publisher = publisher;
    this.#outbox = new FeaturesOutbox(publisher);
    const inferred = new InferenceRecords(database, this.#ending.signal);
    this.#records = new PredictionRecords(database, inferred, this.#ending.signal);
    this.#room = new Room(database, () => [this.#held, this.inferences]);
    this.inferences = new Inferences({ database, publisher, records: inferred, room: this.#room });
    this.#sweep = setInterval(() => this.#expire(Date.now()), SWEEP_MS).unref();
  }

  /** The number of predictions without an answer. */
  get waiting(): number {
    return this.#room.waiting;
  }

  get #held(): RowHolder {
    return { waiting: this.#waiting.size, unstored: this.#records.unstored, released: this.#records.released };
  }

  #expire(now: number): void {
    this.#waiting.expire(now);
    this.inferences.expire(now);
  }

  /** Loads the predictions from before the start. @returns those without an answer. */
  async recover(): Promise<Unanswered> {
    const { signal } = this.#ending;
    const inferences = await this.inferences.recover(signal);
    const pending = await this.#records.recover(signal);
    // Rows may have been sent during this read.
    const rows = pending.filter(({ id }) => !this.#waiting.has(id) && !this.#records.isHeld(id));
    for (const row of rows) this.#waiting.expect(row);
    return { rows, inferences };
  }

  /** Begins with an empty database: there is nothing to recover. */
  begin(): void {
    this.inferences.begin();
    this.#records.begin();
  }

  /** Resends predictions from before the start that are still open. The log recognises duplicates. */
  async sendAgain({ rows: before, inferences }: Unanswered): Promise<void> {
    await this.inferences.sendAgain(inferences, this.#ending.signal);
    const open = before.filter(({ id }) => this.#waiting.has(id));
    for (let from = 0; from < open.length; from += AGAIN_ROWS) {
      const rows = open.slice(from, from + AGAIN_ROWS).map((row) => ({ ...row, features: JSON.parse(row.features) }));
      for (const message of featureMessages(rows, Date.now()))
        await this.#publisher.publishUntilConfirmed(FEATURES, message, this.#ending.signal);
    }
  }

  /**
   * Stores rows and sends them to be scored. Rows that were requested before with the same features and event time are not sent again.
   * All rows have the same features by name. Rows whose ids may be known are stored first, whatever the order.
   *
   * @throws BrokerAwayError, DatabaseAwayError if nothing was accepted; IdTakenError; TooManyPendingError.
   */
  async ask(rows: readonly Asked[], timeoutMs: number, order: Order = "stored first"): Promise<readonly Accepted[]> {
    this.#publisher.requireBroker();
    await this.#room.require(rows.length);
    const createdAt = Date.now();
    const expiresAt = createdAt + timeoutMs;
    const asked = rows.map(({ id, features, event_time }) => ({
      id,
      createdAt,
      expiresAt,
      features: JSON.stringify(features),
      event_time,
    }));
    const fresh = await this.#accept(rows, asked, order);
    for (const row of fresh) if (row !== undefined) this.#expect(row);
    // Read before anything is sent: the answer may arrive before the broker's confirm.
    const accepted = asked.map((row) => this.#accepted(row));
    await this.#send(
      rows.filter((_, i) => fresh[i] !== undefined),
      fresh.filter((row) => row !== undefined),
    );
    return accepted;
  }

  #expect(row: Fresh): void {
    this.#waiting.expect(row);
    this.#accepting.delete(row.id);
  }

  /** Stores rows, or holds them until they are stored. @returns those to send, each at the place of its row. */
  async #accept(rows: readonly Asked[], asked: readonly NewPrediction[], order: Order): Promise<readonly (Fresh | undefined)[]> {
    // A database that was away is asked first: it may answer again, or nothing is accepted.
    if (order === "sent first" && !this.#database.isAway && rows.every((row) => this.#isSurelyNew(row))) {
      for (const [i, row] of asked.entries()) this.#records.insertLater(row, rows[i]?.features ?? {});
      return asked.map((row) => ({ ...row, isNew: true }));
    }
    if (!this.#records.isComplete) throw new DatabaseAwayError();
    const results = await Promise.allSettled(asked.map((row) => this.#store(row)));
    const failed = results.find((result) => result.status === "rejected");
    if (failed === undefined) return results.map((result) => (result.status === "fulfilled" ? result.value : undefined));
    for (const result of results) if (result.status === "fulfilled" && result.value !== undefined) this.#accepting.delete(result.value.id);
    throw failed.reason;
  }

  /** Stores a row. @returns undefined if it was sent before, and is not to be sent again. */
  async #store(row: NewPrediction): Promise<Fresh | undefined> {
    const { id } = row;
    if (await this.#records.insert(row)) {
      this.#accepting.add(id);
      return { ...row, isNew: true };
    }
    const wasUnderWay = this.#isUnderWay(id);
    const before = await this.#records.askedFor(id);
    if (before !== undefined) requireSame(row, before);
    if (wasUnderWay || this.#isUnderWay(id) || before === undefined || !("status" in before) || before.status !== "pending")
      return undefined;
    // The database stored it, and failed before it said so: nobody sent it.
    this.#accepting.add(id);
    return { ...row, isNew: false, createdAt: Date.parse(before.createdAt), expiresAt: Date.parse(before.expiresAt) };
  }

  /** Whether its answer is expected, or came and is not stored yet. */
  #isUnderWay(id: string): boolean {
    return this.#waiting.has(id) || this.#accepting.has(id) || this.#records.isHeld(id) || this.#records.mayBeInferred(id);
  }

  #isSurelyNew({ id, isNew = false }: Asked): boolean {
    return isNew || (this.#records.isComplete && !this.#records.mayHave(id) && !this.#records.mayBeInferred(id));
  }

  #accepted(row: NewPrediction): Accepted {
    const { id } = row;
    const times = this.#records.timesOf(id) ?? this.#waiting.timesOf(id) ?? row;
    const answer = this.#records.unstoredAnswer(id);
    return {
      ...row,
      createdAt: times.createdAt,
      expiresAt: times.expiresAt,
      answered: answer === undefined ? this.#waiting.answerTo(id) : Promise.resolve(answer),
      stored: this.#records.inserted(id),
    };
  }

  /** Sends new rows. What cannot be sent is removed. */
  async #send(rows: readonly Asked[], fresh: readonly Fresh[]): Promise<void> {
    try {
      await this.#outbox.send(rows);
    } catch (error) {
      // The row is stored, and is sent now or after the next start.
      if (error instanceof UnconfirmedError || error instanceof BusClosedError) return;
      this.#waiting.forget(fresh.map(({ id }) => id));
      await this.#records.remove(fresh.filter(({ isNew }) => isNew).map(({ id }) => id));
      throw error;
    }
  }

  get(id: string): Promise<Prediction | undefined> {
    return this.#records.get(id);
  }

  list(...args: Parameters<PredictionRecords["list"]>): Promise<Prediction[]> {
    return this.#records.list(...args);
  }

  /** See `PredictionRecords.storedWithin`. */
  storedWithin(ms: number): Promise<number> {
    return this.#records.storedWithin(ms, this.inferences.writes());
  }

  get expectsAnswers(): boolean {
    return this.#waiting.size > 0;
  }

  get expectsLabels(): boolean {
    return !this.#records.isEmpty;
  }

  async takePredictions({ ids, y_pred: values, halfWidths, model }: PredictionFrame, at: number): Promise<void> {
    const stored: Promise<unknown>[] = [];
    for (let i = 0; i < ids.length; i += 1) {
      const width = halfWidths?.[i] ?? Number.NaN;
      const interval = Number.isNaN(width) ? {} : { half_width: width };
      const isStored = this.#answer({ id: ids.at(i), answeredAt: at, y_pred: values[i] ?? Number.NaN, ...interval, model });
      if (isStored !== undefined) stored.push(isStored);
    }
    await Promise.all(stored);
  }

  async takeRefused(rows: readonly RefusedRow[], at: number): Promise<void> {
    // Not the place in the message: rows of others may have been in it.
    const reasonOf = ({ field, reason }: RefusedRow) => describeRefusal(field === undefined ? { reason } : { field, reason });
    await Promise.all(rows.flatMap((refused) => this.#answer({ id: refused.id, answeredAt: at, reason: reasonOf(refused) }) ?? []));
  }

  /** Hands an answer to the waiting request. @returns what resolves when it is stored; undefined if nothing waits for it. */
  #answer(answer: Answer): Promise<unknown> | undefined {
    const times = this.#waiting.take(answer);
    return times === undefined ? undefined : this.#records.answer(answer, times);
  }

  async takeLabels({ ids, y_true: values, correction }: LabelFrame): Promise<void> {
    const correctedAt = correction === undefined ? undefined : (correction.at ?? Date.now());
    const stored: Promise<unknown>[] = [];
    for (let i = 0; i < ids.length; i += 1) {
      const id = ids.at(i);
      if (this.#records.mayHave(id)) stored.push(this.#records.label({ id, y_true: values[i] ?? Number.NaN, correctedAt }));
    }
    await Promise.all(stored);
  }

  close(): void {
    this.#ending.abort();
    clearInterval(this.#sweep);
    this.#waiting.close();
    this.inferences.close();
  }
}

/** @throws IdTakenError if a row was requested before with other features or another event time. */
function requireSame({ id, features, event_time: time }: NewPrediction, before: Pick<Asked, "features" | "event_time">): void {
  if (before.event_time !== time || sorted(before.features) !== sorted(JSON.parse(features))) throw new IdTakenError(id);
}

/** Features as JSON in a fixed order, for comparison. */
function sorted(features: Features): string {
  return JSON.stringify(Object.entries(features).toSorted(([one], [other]) => (one < other ? -1 : 1)));
}
