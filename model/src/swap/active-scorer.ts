import type { Closable } from "@streamgauge/core";
import type { Scorer } from "../session/scorer.js";

/** Scorers that are used, and how often. */
interface Held {
  readonly scorer: Scorer;
  uses: number;
  retired: boolean;
}

/**
 * Holds what scores now. The next one takes over from one call to the next, and the one before is closed when the last
 * batch that it has begun is done: so nothing waits, and no batch is scored by two.
 */
export class ActiveScorer implements Closable {
  #held: Held;
  #isSuspended = false;
  /** Called when there is something to score with again. */
  onChange: () => void = () => undefined;
  readonly #closing = new Set<Promise<void>>();

  constructor(scorer: Scorer) {
    this.#held = { scorer, uses: 0, retired: false };
  }

  get current(): Scorer {
    return this.#held.scorer;
  }

  /** Calls that may begin now, in all. */
  get concurrency(): number {
    return this.#isSuspended ? 0 : this.#held.scorer.concurrency;
  }

  /** No calls begin until the next scorer comes. */
  suspend(): void {
    this.#isSuspended = true;
  }

  /** Hands over what scores now; it stays open until the work is done. */
  async using<T>(work: (scorer: Scorer) => Promise<T>): Promise<T> {
    const held = this.#held;
    held.uses += 1;
    try {
      return await work(held.scorer);
    } finally {
      held.uses -= 1;
      this.#closeUnused(held);
    }
  }

  /** From now on the next scorer is used. */
  swap(next: Scorer): void {
    const before = this.#held;
    this.#held = { scorer: next, uses: 0, retired: false };
    this.#isSuspended = false;
    before.retired = true;
    this.#closeUnused(before);
    this.onChange();
  }

  #closeUnused(held: Held): void {
    if (!held.retired || held.uses > 0) return;
    // Its answers are given: an error of its end changes nothing.
    const closing = held.scorer.close().catch(() => undefined);
    this.#closing.add(closing);
    void closing.then(() => this.#closing.delete(closing));
  }

  /** Closes what scores now, and waits for those before it. */
  async close(): Promise<void> {
    await this.#held.scorer.close();
    await Promise.all(this.#closing);
  }
}
