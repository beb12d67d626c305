import type { Defer } from "@streamgauge/core";
import type { Clock } from "../clock.js";
import type { SeededRandom } from "@streamgauge/testing";

interface Timer {
  readonly at: number;
  readonly task: () => void;
}

/** Turns of the microtask queue: more than an answer takes from a handler to its queue. */
const SETTLING_TURNS = 16;

/**
 * Time that advances only when nothing is left to do, and a queue of tasks that run in an order decided by a seed. It replaces
 * the clock of the join and the delays within the broker.
 */
export class SimulatedTime implements Clock {
  readonly #random: SeededRandom;
  #steady = 0;
  #since1970 = Date.UTC(2026, 0, 31);
  readonly #ready: (() => void)[] = [];
  readonly #timers = new Set<Timer>();

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  now(): number {
    return this.#since1970 + this.#steady;
  }

  steady(): number {
    return this.#steady;
  }

  /** As when a fast clock is corrected. */
  setBack(ms: number): void {
    this.#since1970 -= ms;
  }

  after(ms: number, task: () => void): () => void {
    let given = true;
    const timer = { at: this.#steady + Math.max(0, ms), task: () => (given ? task() : undefined) };
    this.#timers.add(timer);
    return () => {
      given = false;
      this.#timers.delete(timer);
    };
  }

  readonly defer: Defer = (task) => {
    this.#ready.push(task);
  };

  /** Runs tasks until `isOver`, for `ms` at most. */
  async run(ms: number, isOver: () => boolean): Promise<void> {
    const end = this.#steady + ms;
    for (await settled(); !isOver(); await settled()) {
      this.#readyTimers();
      if (this.#ready.length > 0) {
        const [task] = this.#ready.splice(this.#random.whole(0, this.#ready.length - 1), 1);
        task?.();
        continue;
      }
      const next = this.#nextTimer();
      this.#steady = Math.min(next, end);
      if (next > end) return;
    }
  }

  #readyTimers(): void {
    for (const timer of this.#timers) {
      if (timer.at > this.#steady) continue;
      this.#timers.delete(timer);
      this.#ready.push(timer.task);
    }
  }

  #nextTimer(): number {
    let next = Infinity;
    for (const { at } of this.#timers) next = Math.min(next, at);
    return next;
  }
}

/** Resolves after the reactions to the promises that were just settled. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < SETTLING_TURNS; turn += 1) await Promise.resolve();
}
