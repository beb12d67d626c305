/** What becomes of a delivery: the broker may forget it, deliver it again, or put it into the dead letters itself. */
export type Settled = "done" | "return" | "bury";

/** What to tell the broker: each tag once, in as few frames as the protocol allows. */
export interface Settlement {
  /** Acknowledge this tag and every lower one still open. */
  readonly upTo?: number;
  /** Acknowledge each of these alone. */
  readonly single: readonly number[];
  /** Return each of these to its queue. */
  readonly returned: readonly number[];
  /** Put each of these into the dead letters. */
  readonly buried: readonly number[];
}

/**
 * Which deliveries of one channel are open, and how those that were settled are acknowledged with the fewest frames.
 *
 * The tags of a channel count up from 1. A run of settled tags at the low end is acknowledged with one `multiple`;
 * a settled tag above an open one is acknowledged alone, so that one slow message never blocks the prefetch.
 */
export class DeliveryLedger {
  #lowestOpen = 1;
  #highest = 0;
  /** Settled, not told to the broker yet. */
  readonly #fresh = new Map<number, Settled>();
  /** Told to the broker while a lower tag was open. */
  readonly #told = new Set<number>();

  /** Notes a delivery. */
  open(tag: number): void {
    this.#highest = tag;
  }

  settle(tag: number, how: Settled): void {
    this.#fresh.set(tag, how);
  }

  /** How many deliveries are in hand, not settled. */
  get inHand(): number {
    return this.#highest - this.#lowestOpen + 1 - this.#fresh.size - this.#told.size;
  }

  /** How many deliveries of those from `first` on the broker waits to hear of. */
  openFrom(first: number): number {
    const from = Math.max(first, this.#lowestOpen);
    let told = 0;
    for (const tag of this.#told) if (tag >= from) told += 1;
    return this.#highest - from + 1 - told;
  }

  /** The tag that the next delivery will have. */
  get next(): number {
    return this.#highest + 1;
  }

  /** What was settled since the last call, as the frames to send. */
  flush(): Settlement {
    const returned: number[] = [];
    const buried: number[] = [];
    const single: number[] = [];
    const told = { done: single, return: returned, bury: buried };
    let upTo: number | undefined;
    for (;;) {
      const tag = this.#lowestOpen;
      if (this.#told.delete(tag)) {
        this.#lowestOpen += 1;
        continue;
      }
      const how = this.#fresh.get(tag);
      if (how === undefined) break;
      this.#fresh.delete(tag);
      this.#lowestOpen += 1;
      // A tag that is not done leaves the broker's list before the `multiple` is sent, so it may lie in its range.
      if (how === "done") upTo = tag;
      else told[how].push(tag);
    }
    for (const [tag, how] of this.#fresh) {
      told[how].push(tag);
      this.#told.add(tag);
    }
    this.#fresh.clear();
    return upTo === undefined ? { single, returned, buried } : { upTo, single, returned, buried };
  }
}
