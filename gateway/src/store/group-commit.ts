import { Deferred } from "@streamgauge/core";
import { isUnstorable } from "./database.js";

interface Waiting<T, R> {
  readonly item: T;
  readonly done: Deferred<R>;
}

/**
 * Hands over together what came while the last was being written: many small writes become few large ones. One item that
 * cannot be stored harms no other.
 */
export class GroupCommit<T, R> {
  readonly #write: (items: readonly T[]) => Promise<readonly R[]>;
  readonly #most: number;
  #waiting: Waiting<T, R>[] = [];
  #writing = false;

  /** @param write - stores items together; its results are in their order. @param most - items of one write. */
  constructor(write: (items: readonly T[]) => Promise<readonly R[]>, most: number) {
    this.#write = write;
    this.#most = most;
  }

  /** Resolves when the item is written; rejects where it cannot be stored, or the write that it was part of failed. */
  add(item: T): Promise<R> {
    const done = new Deferred<R>();
    this.#waiting.push({ item, done });
    if (!this.#writing) void this.#run();
    return done.promise;
  }

  async #run(): Promise<void> {
    this.#writing = true;
    // A turn lets what arrived at the same time join.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const group = this.#waiting.splice(0, this.#most);
      const error = await this.#tryAll(group);
      if (error === undefined) continue;
      if (group.length > 1 && isUnstorable(error)) for (const one of group) await this.#writeAlone(one);
      else for (const { done } of group) done.reject(error);
    }
    this.#writing = false;
  }

  async #writeAlone(one: Waiting<T, R>): Promise<void> {
    const error = await this.#tryAll([one]);
    if (error !== undefined) one.done.reject(error);
  }

  /** @returns what went wrong; nothing of it is written then. */
  async #tryAll(group: readonly Waiting<T, R>[]): Promise<Error | undefined> {
    try {
      const results = await this.#write(group.map(({ item }) => item));
      if (results.length !== group.length) throw new Error("A write has a result for each of its items.");
      for (const [i, result] of results.entries()) group[i]?.done.resolve(result);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }
}
