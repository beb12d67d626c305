import { Deferred } from "@streamgauge/core";
import { GroupCommit } from "../store/group-commit.js";
import type { AnsweredPrediction, NewPrediction } from "../store/prediction-store.js";
import type { Answer, Features } from "./prediction.js";

/** A row that was sent before it is stored. */
interface UnstoredRow {
  readonly row: NewPrediction;
  readonly features: Features;
  /** Resolves when the database has the row, or it was dropped; rejects if it cannot be stored, or the gateway closes first. */
  readonly inserted: Deferred<unknown>;
  answer: Answer | undefined;
  /** Whether it waits for its answer, for the next write, or is being written. */
  step: "waits" | "due" | "is written";
}

/** Rows that wait for their answers longer than this, and at most twice as long, are stored without. In ms. */
const PATIENCE_MS = 100;

/**
 * Rows that were sent before they are stored. A row is stored together with its answer, in one write, or soon without it if the answer takes
 * longer.
 */
export class UnstoredRows {
  readonly #inserts: GroupCommit<UnstoredRow, unknown>;
  readonly #rows = new Map<string, UnstoredRow>();
  /** Rows since the last look, and those of before. */
  #recent: UnstoredRow[] = [];
  #older: UnstoredRow[] = [];
  #look: NodeJS.Timeout | undefined;
  #released = new Deferred<void>();

  /** @param write - stores rows that are new, with their answers as far as they have some; retries until it succeeds. */
  constructor(write: (rows: readonly AnsweredPrediction[]) => Promise<readonly unknown[]>) {
    this.#inserts = new GroupCommit((group) => {
      for (const one of group) one.step = "is written";
      return write(group.map(({ row, answer }) => (answer === undefined ? row : { ...row, answer })));
    }, 2_000);
  }

  get size(): number {
    return this.#rows.size;
  }

  get(id: string): UnstoredRow | undefined {
    return this.#rows.get(id);
  }

  has(id: string): boolean {
    return this.#rows.has(id);
  }

  /** Resolves when the next rows are stored, or given up. */
  get released(): Promise<void> {
    return this.#released.promise;
  }

  /** The rows' writes, those included that have not begun. */
  writes(): Promise<unknown>[] {
    return Array.from(this.#rows.values(), ({ inserted }) => inserted.promise);
  }

  add(row: NewPrediction, features: Features): void {
    const unstored: UnstoredRow = { row, features, inserted: new Deferred(), answer: undefined, step: "waits" };
    // Whether it is stored concerns those who ask alone.
    unstored.inserted.promise.catch(() => undefined);
    this.#rows.set(row.id, unstored);
    this.#recent.push(unstored);
    if (this.#look === undefined) this.#look = setTimeout(() => this.#storeOlder(), PATIENCE_MS);
  }

  /** Takes the answer to a row. @returns what resolves when both are stored; undefined if the row's write has begun, or it is not here. */
  answer(answer: Answer): Promise<unknown> | undefined {
    const unstored = this.#rows.get(answer.id);
    if (unstored === undefined || unstored.step === "is written") return undefined;
    unstored.answer = answer;
    this.#store(unstored);
    return unstored.inserted.promise;
  }

  /** Forgets a row whose write has not begun. @returns whether it did. */
  drop(id: string): boolean {
    const unstored = this.#rows.get(id);
    if (unstored?.step !== "waits") return false;
    unstored.step = "is written";
    this.#rows.delete(id);
    unstored.inserted.resolve(undefined);
    return true;
  }

  #store(unstored: UnstoredRow): void {
    if (unstored.step !== "waits") return;
    unstored.step = "due";
    const { row, inserted } = unstored;
    const release = () => {
      this.#rows.delete(row.id);
      this.#released.resolve();
      this.#released = new Deferred();
    };
    this.#inserts.add(unstored).then(
      (result) => {
        release();
        inserted.resolve(result);
      },
      (error: Error) => {
        release();
        inserted.reject(error);
      },
    );
  }

  #storeOlder(): void {
    for (const unstored of this.#older) this.#store(unstored);
    this.#older = this.#recent;
    this.#recent = [];
    this.#look = this.#older.length > 0 ? setTimeout(() => this.#storeOlder(), PATIENCE_MS) : undefined;
  }
}
