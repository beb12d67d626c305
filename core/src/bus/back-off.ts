import { setTimeout as delay } from "node:timers/promises";

/** Waits that grow: each is drawn evenly between 0 and a ceiling that doubles (AWS's "full jitter"). */
export class BackOff {
  #ceiling: number;

  readonly first: number;
  readonly most: number;

  /** @param first - the first ceiling, in ms. @param most - the highest, in ms. */
  constructor(first: number, most: number) {
    this.first = first;
    this.most = most;
    this.#ceiling = first;
  }

  /** The next wait in ms. */
  next(): number {
    const wait = Math.random() * this.#ceiling;
    this.#ceiling = Math.min(this.most, this.#ceiling * 2);
    return wait;
  }

  /** Waits that long; returns early, without an error, when the signal is aborted. */
  async wait(signal: AbortSignal): Promise<void> {
    await delay(this.next(), undefined, { signal }).catch(() => undefined);
  }

  /** Begins anew after a success. */
  reset(): void {
    this.#ceiling = this.first;
  }
}
