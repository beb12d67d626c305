import {
  BusClosedError,
  describeRefusal,
  FEATURES,
  featuresContract,
  Ids,
  type Closable,
  type LabelFrame,
  type Message,
  type PredictionFrame,
} from "@streamgauge/core";
import { madeIds, madeRowsIn } from "../ingress/made-ids.js";
import { formatFor, UnconfirmedError, type Publisher } from "../ingress/publisher.js";
import type { Room, RowHolder } from "../predictions/room.js";
import type { RefusedRow, RowOwner } from "../results/results.js";
import type { Database } from "../store/database.js";
import type { InferenceRecord } from "./inference-record.js";
import type { InferenceRecords } from "./inference-records.js";
import { OpenInference, type NewInference } from "./open-inference.js";

export interface InferencesOptions {
  readonly database: Database;
  readonly publisher: Publisher;
  readonly records: InferenceRecords;
  /** Also holds the rows of others. */
  readonly room: Room;
}

/** Requests that wait for their answers longer than this are stored without them, in ms. */
const PATIENCE_MS = 100;

/**
 * Inference requests of several rows. Each is one message to the model and one record in the database, and its answers fill one column:
 * what a row costs is the arithmetic of it.
 */
export class Inferences implements RowOwner, RowHolder, Closable {
  readonly #options: InferencesOptions;
  readonly #records: InferenceRecords;
  readonly #open = new Map<string, OpenInference>();
  #waiting = 0;

  constructor(options: InferencesOptions) {
    this.#options = options;
    this.#records = options.records;
  }

  /** The number of rows without an answer. */
  get waiting(): number {
    return this.#waiting;
  }

  get unstored(): number {
    return this.#records.unstored;
  }

  get released(): Promise<void> {
    return this.#records.released;
  }

  /** Loads the requests from before the start. @returns those with rows that may still be answered. */
  async recover(signal: AbortSignal): Promise<readonly InferenceRecord[]> {
    const before = await this.#records.recover(signal);
    for (const record of before) this.#expect(OpenInference.of(record));
    return before;
  }

  /** Begins with an empty database: there is nothing to recover. */
  begin(): void {
    this.#records.begin();
  }

  /** Resends requests from before the start that are still open. The log recognises duplicates. */
  async sendAgain(before: readonly InferenceRecord[], signal: AbortSignal): Promise<void> {
    for (const record of before)
      if (this.#open.has(record.id)) await this.#options.publisher.publishUntilConfirmed(FEATURES, messageOf(record), signal);
  }

  /**
   * Sends rows to be scored. They are stored with their answers, or when their time is over: the record is lost only if the process ends
   * before that.
   *
   * @throws BrokerAwayError, DatabaseAwayError if nothing was accepted; TooManyPendingError; MessageTooLargeError.
   */
  async ask(asked: Omit<NewInference, "createdAt" | "expiresAt">, timeoutMs: number): Promise<OpenInference> {
    const { publisher, database, room } = this.#options;
    publisher.requireBroker();
    await room.require(asked.rows);
    // A database that was away is asked first: it may answer again, or nothing is accepted.
    if (database.isAway) await this.#records.requireDatabase();
    const createdAt = Date.now();
    const inference = new OpenInference({ ...asked, createdAt, expiresAt: createdAt + timeoutMs });
    this.#expect(inference);
    try {
      await publisher.publish(FEATURES, messageOf(inference));
    } catch (error) {
      // The rows are sent now, or when the broker takes them.
      if (error instanceof UnconfirmedError || error instanceof BusClosedError) return inference;
      this.#close(inference);
      this.#records.drop(inference);
      throw error;
    }
    return inference;
  }

  #expect(inference: OpenInference): void {
    this.#open.set(inference.id, inference);
    this.#waiting += inference.left;
    this.#records.hold(inference);
  }

  /** Ends the wait for a request's answers. */
  #close(inference: OpenInference): void {
    if (!this.#open.delete(inference.id)) return;
    this.#waiting -= inference.left;
    inference.answered.resolve(inference.left === 0);
  }

  get expectsAnswers(): boolean {
    return this.#open.size > 0;
  }

  get expectsLabels(): boolean {
    return !this.#records.isEmpty;
  }

  async takePredictions({ ids, y_pred: values, halfWidths, model }: PredictionFrame, at: number): Promise<void> {
    await this.#take(ids, at, (inference, rows, positions) => {
      const valueIn = (column: Float64Array | undefined) => (i: number) => column?.[positions[i] ?? 0] ?? Number.NaN;
      return inference.take(rows, valueIn(values), valueIn(halfWidths), model, at);
    });
  }

  async takeRefused(refused: readonly RefusedRow[], at: number): Promise<void> {
    const ids = Ids.of(refused.map(({ id }) => id));
    await this.#take(ids, at, (inference, rows, positions) => inference.refuse(rows, (i) => reasonOf(refused[positions[i] ?? 0]), at));
  }

  /** Hands each request its answers. Resolves when these requests are stored. */
  async #take(
    ids: Ids,
    at: number,
    give: (inference: OpenInference, rows: readonly number[], positions: readonly number[]) => number,
  ): Promise<void> {
    const stored: Promise<unknown>[] = [];
    for (const { prefix, rows, positions } of madeRowsIn(ids, (id) => this.#open.has(id))) {
      const inference = this.#open.get(prefix);
      // An answer that comes too late is none, even before the end of its time was noticed.
      if (inference === undefined || inference.expiresAt <= at) continue;
      this.#waiting -= give(inference, rows, positions);
      stored.push(inference.stored.promise);
      if (inference.left === 0) this.#end(inference);
    }
    await Promise.all(stored);
  }

  /** Answers a request, and stores it as it is. */
  #end(inference: OpenInference): void {
    this.#close(inference);
    this.#records.save(inference);
  }

  async takeLabels({ ids, y_true: values, correction }: LabelFrame): Promise<void> {
    const correctedAt = correction === undefined ? undefined : (correction.at ?? Date.now());
    const found = madeRowsIn(ids, (id) => this.#records.mayHave(id));
    await Promise.all(
      found.map(({ prefix: id, rows, positions }) =>
        this.#records.label({ id, rows, values: positions.map((at) => values[at] ?? Number.NaN), correctedAt }),
      ),
    );
  }

  /** Ends the wait for requests whose time is over, and stores those that wait on: a sudden end of the gateway does not lose them. @param now - ms since 1970. */
  expire(now: number): void {
    for (const inference of this.#open.values()) {
      if (inference.expiresAt <= now) this.#end(inference);
      else if (!inference.isKept && inference.createdAt <= now - PATIENCE_MS) this.#keep(inference);
    }
  }

  #keep(inference: OpenInference): void {
    inference.isKept = true;
    this.#records.keep(inference);
  }

  /** Stores requests that still wait for answers as they are. @returns the writes that are not done. */
  writes(): Promise<unknown>[] {
    for (const inference of this.#open.values()) this.#end(inference);
    return this.#records.writes();
  }

  /** Ends all waits without an answer. */
  close(): void {
    for (const inference of this.#open.values()) this.#close(inference);
  }
}

/** Rows as one message. */
function messageOf({ id, rows, columns, eventTimes }: Pick<NewInference, "id" | "rows" | "columns" | "eventTimes">): Message {
  const frame = { ids: madeIds(id, rows), columns, ...(eventTimes === undefined ? {} : { eventTimes }) };
  return featuresContract.write(frame, formatFor(rows, columns.values()), Date.now());
}

/** Without the place in the message: it is said as that in the request. */
function reasonOf(refused: RefusedRow | undefined): string {
  const { field, reason = "" } = refused ?? {};
  return describeRefusal(field === undefined ? { reason } : { field, reason });
}
