/** How a delivery is settled: it is acknowledged, goes back to its queue, or the broker itself makes it a dead letter. */
export type Disposition = "ack" | "requeue" | "dead-letter";

/** The dispositions to send to the broker: each tag once, in as few frames as the protocol allows. */
export interface Settlement {
  /** Acknowledge this tag and every lower one still open. */
  readonly ackUpTo?: number;
  /** Acknowledge each of these alone. */
  readonly ack: readonly number[];
  readonly requeue: readonly number[];
  readonly deadLetter: readonly number[];
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
  /** Settled, and not sent to the broker yet. */
  readonly #unsent = new Map<number, Disposition>();
  /** Sent to the broker while a lower tag was open. */
  readonly #sent = new Set<number>();

  /** Notes a delivery. */
  open(tag: number): void {
    this.#highest = tag;
  }

  settle(tag: number, how: Disposition): void {
    this.#unsent.set(tag, how);
  }

  /** How many deliveries are in flight, not settled. */
  get inFlight(): number {
    return this.#highest - this.#lowestOpen + 1 - this.#unsent.size - this.#sent.size;
  }

  /** How many are settled, and not in a flush yet. */
  get unsent(): number {
    return this.#unsent.size;
  }

  /** How many deliveries from `first` on are unsettled for the broker. */
  openFrom(first: number): number {
    const from = Math.max(first, this.#lowestOpen);
    let sent = 0;
    for (const tag of this.#sent) if (tag >= from) sent += 1;
    return this.#highest - from + 1 - sent;
  }

  /** The tag that the next delivery will have. */
  get next(): number {
    return this.#highest + 1;
  }

  /** What was settled since the last call, as the frames to send. */
  flush(): Settlement {
    const tags: Record<Disposition, number[]> = { ack: [], requeue: [], "dead-letter": [] };
    let ackUpTo: number | undefined;
    for (;;) {
      const tag = this.#lowestOpen;
      if (this.#sent.delete(tag)) {
        this.#lowestOpen += 1;
        continue;
      }
      const how = this.#unsent.get(tag);
      if (how === undefined) break;
      this.#unsent.delete(tag);
      this.#lowestOpen += 1;
      // A tag of another disposition leaves the broker's list before the `multiple` is sent, so it may lie in its range.
      if (how === "ack") ackUpTo = tag;
      else tags[how].push(tag);
    }
    for (const [tag, how] of this.#unsent) {
      tags[how].push(tag);
      this.#sent.add(tag);
    }
    this.#unsent.clear();
    const alone = { ack: tags.ack, requeue: tags.requeue, deadLetter: tags["dead-letter"] };
    return ackUpTo === undefined ? alone : { ackUpTo, ...alone };
  }
}
