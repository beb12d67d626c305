/** Does a part of the work, at once, and counts how long it takes. */
export type Timed = <T>(work: () => T) => T;

/** Counts nothing. */
export const untimed: Timed = (work) => work();

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

  /** It was computed. @param began - when, by the same clock. @param busyMs - how long the thread worked on it; waiting costs nothing. */
  ran(began: number, ended: number, busyMs: number): void {
    this.#next = Math.max(began + this.#everyMs, ended + busyMs * (1 / this.#share - 1));
  }

  /** Computes it if it is due. @param work - does within `timed` what keeps the thread busy. */
  async run(work: (timed: Timed) => Promise<void>): Promise<void> {
    const began = performance.now();
    if (!this.isDue(began)) return;
    let busyMs = 0;
    const timed: Timed = (part) => {
      const from = performance.now();
      try {
        return part();
      } finally {
        busyMs += performance.now() - from;
      }
    };
    try {
      await work(timed);
    } finally {
      this.ran(began, performance.now(), busyMs);
    }
  }
}
