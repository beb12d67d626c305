import { performance } from "node:perf_hooks";

/** After what takes very long, the next time is not later than this, in ms. */
const LONGEST_MS = 60_000;

/** How often something is computed: no more often than said, and never for more than a share of the thread's time. */
export class Pace {
  readonly #everyMs: number;
  readonly #share: number;
  #next = -Infinity;

  /** @param share - of the time, such as 0.02. */
  constructor(everyMs: number, share: number) {
    this.#everyMs = everyMs;
    this.#share = share;
  }

  /** @param now - ms of a monotonic clock. */
  isDue(now: number): boolean {
    return now >= this.#next;
  }

  /** It was computed. @param began - when, by the same clock. @param busyMs - how long the thread worked meanwhile; waiting costs nothing. */
  ran(began: number, ended: number, busyMs: number): void {
    this.#next = Math.max(began + this.#everyMs, ended + Math.min(LONGEST_MS, busyMs * (1 / this.#share - 1)));
  }

  /** Computes it if it is due. */
  async run(work: () => Promise<void>): Promise<void> {
    const began = performance.now();
    if (!this.isDue(began)) return;
    const before = performance.eventLoopUtilization();
    try {
      await work();
    } finally {
      this.ran(began, performance.now(), performance.eventLoopUtilization(before).active);
    }
  }
}
