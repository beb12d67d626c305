import { Deferred } from "@streamgauge/core";
import type { Answer, Times } from "./prediction.js";

interface Waiting extends Times {
  /** Resolves with undefined when the prediction expires. */
  readonly answered: Deferred<Answer | undefined>;
}

/** Rows without an answer, by id. */
export class WaitingRows {
  readonly #rows = new Map<string, Waiting>();

  get size(): number {
    return this.#rows.size;
  }

  has(id: string): boolean {
    return this.#rows.has(id);
  }

  /** Expects the answer to a row from now on. One that is expected already stays as it is. */
  expect({ id, createdAt, expiresAt }: Times & { readonly id: string }): void {
    if (!this.#rows.has(id)) this.#rows.set(id, { createdAt, expiresAt, answered: new Deferred() });
  }

  /** When a waiting row was requested, and when it expires. */
  timesOf(id: string): Times | undefined {
    return this.#rows.get(id);
  }

  /** Resolves with the answer, or with undefined when the row expires; undefined if it does not wait. */
  answerTo(id: string): Promise<Answer | undefined> | undefined {
    return this.#rows.get(id)?.answered.promise;
  }

  /** Hands an answer to those who wait for it. @returns the times of its row; undefined if it does not wait, or has expired. */
  take(answer: Answer): Times | undefined {
    const waiting = this.#rows.get(answer.id);
    // The database refuses an answer that comes too late, even before the row's expiry was noticed.
    if (waiting === undefined || waiting.expiresAt <= answer.answeredAt) return undefined;
    this.#rows.delete(answer.id);
    waiting.answered.resolve(answer);
    return waiting;
  }

  forget(ids: readonly string[]): void {
    for (const id of ids) this.#rows.delete(id);
  }

  /** Ends the wait for rows whose time is over. @param now - ms since 1970. */
  expire(now: number): void {
    for (const [id, { expiresAt, answered }] of this.#rows) {
      if (expiresAt > now) continue;
      this.#rows.delete(id);
      answered.resolve(undefined);
    }
  }

  /** Ends all waits without an answer. */
  close(): void {
    for (const { answered } of this.#rows.values()) answered.resolve(undefined);
  }
}
