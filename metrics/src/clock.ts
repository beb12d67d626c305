/** The clock of the join. Simulations bring their own. */
export interface Clock {
  /** ms since 1970. May be set back. */
  now(): number;
  /** ms since an arbitrary moment. Never decreases. */
  steady(): number;
  /**
   * Runs `task` once, in `ms`. 0 runs it after the I/O that is ready now; more than 24 days runs it early.
   *
   * @returns a function that cancels it.
   */
  after(ms: number, task: () => void): () => void;
}

/** The longest delay that a timer takes. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export const SYSTEM_CLOCK: Clock = {
  now: () => Date.now(),
  steady: () => performance.now(),
  after(ms, task) {
    if (ms <= 0) {
      const immediate = setImmediate(task);
      return () => clearImmediate(immediate);
    }
    const timer = setTimeout(task, Math.min(ms, MAX_TIMER_MS));
    return () => clearTimeout(timer);
  },
};
