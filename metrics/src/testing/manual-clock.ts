import type { Clock } from "../clock.js";

interface Timer {
  readonly at: number;
  readonly task: () => void;
}

/** A clock that only moves when it is advanced. */
export class ManualClock implements Clock {
  #steady = 0;
  #since1970 = Date.UTC(2026, 0, 31, 12);
  readonly #timers = new Set<Timer>();

  now(): number {
    return this.#since1970 + this.#steady;
  }

  steady(): number {
    return this.#steady;
  }

  after(ms: number, task: () => void): () => void {
    const timer = { at: this.#steady + Math.max(0, ms), task };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Runs the tasks that are due within this time, in order. */
  advance(ms: number): void {
    const end = this.#steady + ms;
    for (let next = this.#next(); next !== undefined && next.at <= end; next = this.#next()) {
      this.#steady = Math.max(this.#steady, next.at);
      this.#timers.delete(next);
      next.task();
    }
    this.#steady = end;
  }

  /** As when a fast clock is corrected. Runs no task. */
  setBack(ms: number): void {
    this.#since1970 -= ms;
  }

  /** In how many ms the next task is due; undefined if there is none. */
  get nextIn(): number | undefined {
    const next = this.#next();
    return next === undefined ? undefined : next.at - this.#steady;
  }

  #next(): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) if (next === undefined || timer.at < next.at) next = timer;
    return next;
  }
}
