import {
  BusClosedError,
  Deferred,
  describeRefusal,
  FEATURES,
  featuresContract,
  type Closable,
  type FeaturesFrame,
  type LabelFrame,
  type PredictionFrame,
} from "@streamgauge/core";
import { setTimeout as delay } from "node:timers/promises";
import type { RefusedRow, RowOwner } from "../results/results.js";
import { formatFor, UnconfirmedError, type Publisher } from "../ingress/publisher.js";
import { RowTable } from "../ingress/row-table.js";
import { DatabaseAwayError } from "../store/database-away.js";
import type { Database } from "../store/database.js";
import { GroupCommit } from "../store/group-commit.js";
import { PredictionStore, type LabelOf, type NewPrediction } from "../store/prediction-store.js";
import { IdBloomFilter } from "./id-bloom-filter.js";
import { answeredPrediction, pendingPrediction, type Answer, type Features, type Prediction } from "./prediction.js";

/** The limit of waiting predictions is reached. */
export class TooManyPendingError extends Error {
  override readonly name = "TooManyPendingError";

  constructor() {
    super(`${MAX_PENDING} predictions wait for their answers already: try again later.`);
  }
}

/** An id or an Idempotency-Key belongs to another row. */
export class IdTakenError extends Error {
  override readonly name = "IdTakenError";
  readonly id: string;

  constructor(id: string) {
    super(`The id ${JSON.stringify(id)} was asked for with other features: use a new id, or a new Idempotency-Key.`);
    this.id = id;
  }
}

/** A row was sent, but the request is not stored. */
export class NotStoredError extends Error {
  override readonly name = "NotStoredError";

  constructor(id: string, options?: ErrorOptions) {
    super(
      `The prediction did not come in time, and the database has not stored the request: ask again with the id ${JSON.stringify(id)}, which counts once.`,
      options,
    );
  }
}

/** A requested row. */
export interface Asked {
  readonly id: string;
  readonly features: Features;
  /** Whether the id was generated for this row, so that it cannot be known already. */
  readonly isNew?: boolean;
}

/**
 * Whether a row is stored or sent first. "stored first" survives any restart. "sent first" does not wait for the database, which
 * stores the row and its answer later: the record is lost only if the process ends before that.
 */
export type Order = "stored first" | "sent first";

/** A row that was sent but is not completely stored. */
interface Held {
  readonly prediction: NewPrediction;
  readonly features: Features;
  /** Resolves when the row is stored; rejects if it cannot be stored, or the gateway closes first. */
  readonly stored: Promise<unknown>;
  answer?: Answer;
}

const MAX_PENDING = 100_000;
/** Interval between checks for expired predictions, in ms. */
const SWEEP_MS = 1_000;
/** Rows per message when they are sent again after a restart. */
const AGAIN_ROWS = 256;

/** A row that was stored and sent, by this request or an earlier one. */
export interface Accepted extends NewPrediction {
  /** Resolves with the answer, or with undefined if it expires or the database has the answer; undefined if it had expired before. */
  readonly answered: Promise<Answer | undefined> | undefined;
  /** Resolves when the row is stored. */
  readonly stored: Promise<unknown>;
}

interface Waiting {
  readonly createdAt: number;
  readonly expiresAt: number;
  /** Resolves with undefined when the prediction expires. */
  readonly answered: Deferred<Answer | undefined>;
}

/** Requested predictions: stores and sends each row, in the order of the request, and stores its answer. */
export class Predictions implements RowOwner, Closable {
  readonly #database: Database;
  readonly #store: PredictionStore;
  readonly #publisher: Publisher;
  readonly #known = new IdBloomFilter();
  readonly #pending = new Map<string, Waiting>();
  /** Answers that are being stored, by id. */
  readonly #storing = new Map<string, Promise<undefined>>();
  readonly #ending = new AbortController();
  readonly #inserts: GroupCommit<NewPrediction, boolean>;
  /** Inserts of rows that were sent first. */
  readonly #laterInserts: GroupCommit<NewPrediction, boolean>;
  readonly #held = new Map<string, Held>();
  readonly #answers: GroupCommit<Answer, undefined>;
  readonly #labels: GroupCommit<LabelOf, undefined>;
  readonly #sweep: NodeJS.Timeout;
  #recovered = false;
  /** The model that answered last. */
  model = "";

  constructor(database: Database, publisher: Publisher) {
    const store = new PredictionStore(database);
    this.#database = database;
    this.#store = store;
    this.#publisher = publisher;
    const { signal } = this.#ending;
    this.#inserts = new GroupCommit((group) => store.insert(group), 2_000);
    this.#laterInserts = new GroupCommit((group) => store.insertUntilDone(group, signal), 2_000);
    this.#answers = new GroupCommit(async (group) => {
      await store.answer(group, signal);
      return group.map(() => undefined);
    }, 10_000);
    this.#labels = new GroupCommit(async (group) => {
      await store.label(group, signal);
      return group.map(() => undefined);
    }, 10_000);
    this.#sweep = setInterval(() => this.#expire(Date.now()), SWEEP_MS).unref();
  }

  /** The number of predictions without an answer. */
  get waiting(): number {
    return this.#pending.size;
  }

  /** Loads the predictions from before the start. @returns those without an answer. */
  async recover(): Promise<readonly NewPrediction[]> {
    const { signal } = this.#ending;
    for await (const ids of this.#store.ids(signal)) for (const id of ids) this.#known.add(id);
    const pending = await this.#store.pending(signal);
    // Rows may have been sent during this read.
    const before = pending.filter(({ id }) => !this.#pending.has(id) && !this.#held.has(id));
    for (const prediction of before) this.#expect(prediction);
    this.#recovered = true;
    return before;
  }

  /** Begins with an empty database: there is nothing to recover. */
  begin(): void {
    this.#recovered = true;
  }

  /** Resends predictions from before the start that are still open. The log recognises duplicates. */
  async sendAgain(before: readonly NewPrediction[]): Promise<void> {
    const open = before.filter(({ id }) => this.#pending.has(id));
    for (let from = 0; from < open.length; from += AGAIN_ROWS) {
      const rows = open.slice(from, from + AGAIN_ROWS).map(({ id, features }) => ({ id, features: JSON.parse(features) }));
      for (const frame of framesOf(rows)) await this.#publisher.publishUntilConfirmed(FEATURES, message(frame), this.#ending.signal);
    }
  }

  #expect({ id, createdAt, expiresAt }: NewPrediction): void {
    this.#known.add(id);
    this.#pending.set(id, { createdAt, expiresAt, answered: new Deferred() });
  }

  #expire(now: number): void {
    for (const [id, { expiresAt, answered }] of this.#pending) {
      if (expiresAt > now) continue;
      this.#pending.delete(id);
      answered.resolve(undefined);
    }
  }

  /**
   * Stores rows and sends them to be scored. Rows that were requested before with the same features are not sent again.
   * All rows have the same features by name. Rows whose ids may be known are stored first, whatever the order.
   *
   * @throws BrokerAwayError, DatabaseAwayError if nothing was accepted; IdTakenError; TooManyPendingError.
   */
  async ask(rows: readonly Asked[], timeoutMs: number, order: Order = "stored first"): Promise<readonly Accepted[]> {
    this.#publisher.requireBroker();
    if (Math.max(this.#pending.size, this.#held.size) + rows.length > MAX_PENDING) throw new TooManyPendingError();
    const createdAt = Date.now();
    const asked = rows.map(({ id, features }) => ({ id, createdAt, expiresAt: createdAt + timeoutMs, features: JSON.stringify(features) }));
    const isNew = await this.#accept(rows, asked, order);
    const fresh = asked.filter((_, i) => isNew[i] === true);
    for (const prediction of fresh) if (!this.#pending.has(prediction.id)) this.#expect(prediction);
    // Read before anything is sent: the answer may arrive before the broker's confirm.
    const accepted = asked.map((prediction) => ({
      ...prediction,
      ...this.#timesOf(prediction.id),
      answered: this.#answerOf(prediction.id),
      stored: this.#held.get(prediction.id)?.stored ?? Promise.resolve(),
    }));
    const frames = framesOf(rows.filter((_, i) => isNew[i] === true));
    try {
      await Promise.all(frames.map((frame) => this.#publisher.publish(FEATURES, message(frame))));
    } catch (error) {
      // The row is stored, and is sent now or after the next start.
      if (error instanceof UnconfirmedError || error instanceof BusClosedError) return accepted;
      for (const { id } of fresh) this.#pending.delete(id);
      const ids = fresh.map(({ id }) => id);
      const stored = ids.flatMap((id) => this.#held.get(id)?.stored ?? []);
      if (stored.length === 0) await this.#store.remove(ids);
      else void Promise.allSettled(stored).then(() => this.#store.remove(ids).catch(() => undefined));
      throw error;
    }
    return accepted;
  }

  /** Stores rows, or holds them until they are stored. @returns for each whether to send it. */
  async #accept(rows: readonly Asked[], asked: readonly NewPrediction[], order: Order): Promise<readonly boolean[]> {
    // A database that was away is asked first: it may answer again, or nothing is accepted.
    if (order === "sent first" && !this.#database.isAway && rows.every((row) => this.#isSurelyNew(row))) {
      for (const [i, prediction] of asked.entries()) this.#hold(prediction, rows[i]?.features ?? {});
      return rows.map(() => true);
    }
    if (!this.#recovered) throw new DatabaseAwayError();
    return Promise.all(
      asked.map(async (prediction) => {
        if (!this.#held.has(prediction.id) && (await this.#inserts.add(prediction))) return true;
        await this.#requireSame(prediction);
        return false;
      }),
    );
  }

  #isSurelyNew({ id, isNew = false }: Asked): boolean {
    return isNew || (this.#recovered && !this.#known.mayHave(id));
  }

  /** Stores a row in the background. Its answer is expected at once, so that the same id counts as known. */
  #hold(prediction: NewPrediction, features: Features): void {
    const { id } = prediction;
    const stored = this.#laterInserts.add(prediction);
    const held: Held = { prediction, features, stored };
    this.#held.set(id, held);
    this.#expect(prediction);
    stored.then(
      () => {
        // An answered row is released when its answer is stored.
        if (held.answer === undefined) this.#held.delete(id);
      },
      () => this.#held.delete(id),
    );
  }

  /**
   * Resolves when all rows that were sent first are stored with their answers, after `ms`, or at once if the database is away.
   *
   * @returns the number of rows that are not stored.
   */
  async storedWithin(ms: number): Promise<number> {
    const open = [...Array.from(this.#held.values(), ({ stored }) => stored), ...this.#storing.values()];
    if (open.length > 0 && !this.#database.isAway) await Promise.race([Promise.allSettled(open), delay(ms, undefined, { ref: false })]);
    return this.#held.size;
  }

  /** When a known row was requested first, and when it expires. */
  #timesOf(id: string): Partial<Pick<NewPrediction, "createdAt" | "expiresAt">> {
    const known = this.#held.get(id)?.prediction ?? this.#pending.get(id);
    return known === undefined ? {} : { createdAt: known.createdAt, expiresAt: known.expiresAt };
  }

  /** The answer to a row; resolves with undefined if only the database has it. */
  #answerOf(id: string): Accepted["answered"] {
    const answer = this.#held.get(id)?.answer;
    if (answer !== undefined) return Promise.resolve(answer);
    return this.#pending.get(id)?.answered.promise ?? this.#storing.get(id)?.catch(() => undefined);
  }

  #keep(answer: Answer): Promise<undefined> {
    const { id } = answer;
    const held = this.#held.get(id);
    if (held !== undefined) held.answer = answer;
    const added = held === undefined ? this.#answers.add(answer) : held.stored.then(() => this.#answers.add(answer));
    const stored = added.finally(() => {
      this.#storing.delete(id);
      this.#held.delete(id);
    });
    this.#storing.set(id, stored);
    return stored;
  }

  async #requireSame({ id, features }: NewPrediction): Promise<void> {
    const before = this.#held.get(id) ?? (await this.#store.get(id));
    if (before !== undefined && sorted(before.features) !== sorted(JSON.parse(features))) throw new IdTakenError(id);
  }

  async get(id: string): Promise<Prediction | undefined> {
    const held = this.#held.get(id);
    if (held === undefined) return this.#store.get(id);
    const { prediction, features, answer } = held;
    if (answer !== undefined) return answeredPrediction(prediction, features, answer);
    const pending = pendingPrediction(prediction, features);
    return prediction.expiresAt <= Date.now() ? { ...pending, status: "expired" } : pending;
  }

  list(...args: Parameters<PredictionStore["list"]>): Promise<Prediction[]> {
    return this.#store.list(...args);
  }

  get expectsAnswers(): boolean {
    return this.#pending.size > 0;
  }

  get expectsLabels(): boolean {
    return !this.#known.isEmpty;
  }

  async takePredictions({ ids, y_pred: values, model }: PredictionFrame, at: number): Promise<void> {
    const stored: Promise<unknown>[] = [];
    for (let i = 0; i < ids.length; i += 1) {
      const answer = { id: ids.at(i), answeredAt: at, y_pred: values[i] ?? Number.NaN, model };
      if (this.#answered(answer)) stored.push(this.#keep(answer));
    }
    if (stored.length > 0) this.model = model;
    await Promise.all(stored);
  }

  /** Resolves the waiting request. @returns whether the row was expected. */
  #answered(answer: Answer): boolean {
    const waiting = this.#pending.get(answer.id);
    if (waiting === undefined) return false;
    this.#pending.delete(answer.id);
    waiting.answered.resolve(answer);
    return true;
  }

  async takeLabels({ ids, y_true: values }: LabelFrame): Promise<void> {
    const stored: Promise<unknown>[] = [];
    for (let i = 0; i < ids.length; i += 1) {
      const id = ids.at(i);
      // The filter may take an id with NUL for a known one, and the database refuses NUL.
      if (!this.#known.mayHave(id) || id.includes("\0")) continue;
      const label = { id, y_true: values[i] ?? Number.NaN };
      const held = this.#held.get(id);
      stored.push(held === undefined ? this.#labels.add(label) : held.stored.then(() => this.#labels.add(label)));
    }
    await Promise.all(stored);
  }

  async takeRefused(rows: readonly RefusedRow[], at: number): Promise<void> {
    const answers = rows.map((refusal) => ({ id: refusal.id, answeredAt: at, reason: describeRefusal(refusal) }));
    await Promise.all(answers.filter((answer) => this.#answered(answer)).map((answer) => this.#keep(answer)));
  }

  close(): void {
    this.#ending.abort();
    clearInterval(this.#sweep);
    for (const { answered } of this.#pending.values()) answered.resolve(undefined);
  }
}

/** Features as JSON in a fixed order, for comparison. */
function sorted(features: Features): string {
  return JSON.stringify(Object.entries(features).toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

/** Groups rows with the same features into frames. */
function framesOf(rows: readonly Asked[]): FeaturesFrame[] {
  const tables = new Map<string, RowTable>();
  for (const [i, row] of rows.entries()) {
    const names = Object.keys(row.features).toSorted().join("\0");
    const table = tables.get(names) ?? new RowTable();
    tables.set(names, table);
    table.add(row, i, row.id);
  }
  return [...tables.values()].map((table) => table.take());
}

function message(frame: FeaturesFrame) {
  return featuresContract.write(frame, formatFor(frame.ids.length, frame.columns.values()), Date.now());
}

/** The answer as soon as it arrives; undefined after `ms`. */
export async function answerWithin(ms: number, { answered }: Accepted): Promise<Answer | undefined> {
  if (answered === undefined || ms <= 0) return undefined;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  return Promise.race([answered, late]).finally(() => clearTimeout(timer));
}

/** Resolves when a row that was sent first is stored. @throws NotStoredError after `ms`, or if it cannot be stored. */
export async function storedWithin(ms: number, { id, stored }: Accepted): Promise<void> {
  const late = delay(ms, undefined, { ref: false }).then(() => {
    throw new NotStoredError(id);
  });
  const failed = stored.catch((error: unknown) => {
    throw new NotStoredError(id, { cause: error });
  });
  late.catch(() => undefined);
  await Promise.race([failed, late]);
}
