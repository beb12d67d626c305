import { randomInt } from "node:crypto";

/** What all random choices of a run follow from: `SEED=…` repeats them. */
export const SEED = Number(process.env["SEED"] ?? randomInt(2 ** 31));

/** Random choices that a seed repeats: mulberry32 (Tommy Ettinger, public domain). */
export class Dice {
  #state: number;

  constructor(seed: number = SEED) {
    this.#state = seed >>> 0;
  }

  /** A number from 0 up to 1, without 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number, both ends included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  pick<const T>(choices: readonly [T, ...T[]]): T {
    return choices[this.between(0, choices.length - 1)] ?? choices[0];
  }

  /** The same things in another order. */
  shuffled<T>(things: readonly T[]): T[] {
    return things
      .map((thing) => ({ thing, key: this.next() }))
      .toSorted((one, other) => one.key - other.key)
      .map(({ thing }) => thing);
  }
}
