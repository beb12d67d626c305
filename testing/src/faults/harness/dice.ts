import { randomInt } from "node:crypto";
import { SeededRandom } from "../../index.js";

/** What all random choices of a run follow from: `SEED=…` repeats them. */
export const SEED = Number(process.env["SEED"] ?? randomInt(2 ** 31));

/** The random choices of a case. */
export class Dice extends SeededRandom {
  constructor() {
    super(SEED);
  }
}
