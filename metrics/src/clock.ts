/** Time as the join goes by it. Simulations bring their own. */
export interface Clock {
  /** ms since 1970. It may be set back. */
  now(): number;
  /** ms since some moment. They only grow. */
  steady(): number;
  /**
   * Does `task` once, `ms` from now: with 0 as soon as all that is at hand has been taken in, with more than 24 days early.
   *
   * @returns how to give it up.
   */
  after(ms: number, task: () => void): () => void;
}

/** What a timer can wait at most. */
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
