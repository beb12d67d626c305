import type { Clock } from "../clock.js";

interface Timer {
  readonly at: number;
  readonly task: () => void;
}

/** A clock that shows the times of a history, and jumps from one to the next. */
export class ReplayClock implements Clock {
  #now: number;
  readonly #timers = new Set<Timer>();

  /** @param now - where it begins, ms since 1970. */
  constructor(now: number) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  steady(): number {
    return this.#now;
  }

  after(ms: number, task: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, ms), task };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Jumps to a time, and runs the tasks that are due then: what repeats itself runs once, as after the sleep of a computer. */
  jumpTo(time: number): void {
    this.#now = Math.max(this.#now, time);
    for (let next = this.#next(); next !== undefined && next.at <= this.#now; next = this.#next()) {
      this.#timers.delete(next);
      next.task();
    }
  }

  #next(): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) if (next === undefined || timer.at < next.at) next = timer;
    return next;
  }
}
