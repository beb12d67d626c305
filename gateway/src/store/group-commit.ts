import { Deferred } from "@streamgauge/core";
import { isUnstorable } from "./database.js";

interface Waiting<T, R> {
  readonly item: T;
  readonly done: Deferred<R>;
}

/**
 * Group commit: items that arrive during a write are written together next, so many small writes become few large ones. An item
 * that cannot be stored does not affect the others.
 */
export class GroupCommit<T, R> {
  readonly #write: (items: readonly T[]) => Promise<readonly R[]>;
  readonly #most: number;
  #waiting: Waiting<T, R>[] = [];
  #writing = false;

  /** @param write - stores items together; its results are in their order. @param most - items per write. */
  constructor(write: (items: readonly T[]) => Promise<readonly R[]>, most: number) {
    this.#write = write;
    this.#most = most;
  }

  /** Resolves when the item is written; rejects if it cannot be stored, or its write failed. */
  add(item: T): Promise<R> {
    const done = new Deferred<R>();
    this.#waiting.push({ item, done });
    if (!this.#writing) void this.#run();
    return done.promise;
  }

  async #run(): Promise<void> {
    this.#writing = true;
    // Waits one turn, so that items that arrive together share a write.
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

  /** @returns the error; nothing of the group is written then. */
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
