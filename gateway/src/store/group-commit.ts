import { Deferred } from "@streamgauge/core";

/** Hands over together what came while the last was being written: many small writes become few large ones. */
export class GroupCommit<T, R> {
  readonly #write: (items: readonly T[]) => Promise<readonly R[]>;
  readonly #most: number;
  #waiting: { readonly item: T; readonly done: Deferred<R> }[] = [];
  #writing = false;

  /** @param write - stores items together; its results are in their order. @param most - items of one write. */
  constructor(write: (items: readonly T[]) => Promise<readonly R[]>, most: number) {
    this.#write = write;
    this.#most = most;
  }

  /** Resolves when the item is written; rejects where the write that it was part of failed. */
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
      try {
        const results = await this.#write(group.map(({ item }) => item));
        if (results.length !== group.length) throw new Error("A write has a result for each of its items.");
        for (const [i, result] of results.entries()) group[i]?.done.resolve(result);
      } catch (error) {
        const reason = error instanceof Error ? error : new Error(String(error));
        for (const { done } of group) done.reject(reason);
      }
    }
    this.#writing = false;
  }
}
