import type { Pair } from "./comparison.js";

/** A row of one lane's log. */
export interface LoggedRow {
  readonly id: string;
  readonly yTrue: number;
  readonly absoluteError: number;
}

export type LaneSide = "champion" | "challenger";

interface Waiting {
  readonly yTrue: number;
  readonly absoluteError: number;
  /** Its position in the log. */
  readonly number: number;
}

/** The most rows of one lane that wait for the other; the oldest are dropped first. */
const MOST_WAITING = 1_000_000;

/** Joins the rows that both lanes have logged, in any order. */
export class PairJoin {
  readonly #waiting: Readonly<Record<LaneSide, Map<string, Waiting>>> = { champion: new Map(), challenger: new Map() };
  readonly #onPair: (pair: Pair) => void;
  readonly #read = { champion: 0, challenger: 0 };
  /** Of the champion's rows, the first that the challenger has as well. */
  #firstPaired = Infinity;
  #givenUp = 0;
  readonly #most: number;

  /** @param most - rows of one lane that wait. */
  constructor(onPair: (pair: Pair) => void, most = MOST_WAITING) {
    this.#onPair = onPair;
    this.#most = most;
  }

  /** Whether so many rows of a lane wait that it should not be read on before the other. */
  hasEnough(side: LaneSide): boolean {
    return this.#waiting[side].size >= this.#most / 2;
  }

  add(side: LaneSide, { id, yTrue, absoluteError }: LoggedRow): void {
    const number = this.#read[side]++;
    const others = this.#waiting[side === "champion" ? "challenger" : "champion"];
    const other = others.get(id);
    if (other === undefined) {
      this.#wait(side, id, { yTrue, absoluteError, number });
      return;
    }
    others.delete(id);
    const championNumber = side === "champion" ? number : other.number;
    this.#firstPaired = Math.min(this.#firstPaired, championNumber);
    const [champion, challenger] = side === "champion" ? [absoluteError, other.absoluteError] : [other.absoluteError, absoluteError];
    this.#onPair({ yTrue, champion, challenger });
  }

  #wait(side: LaneSide, id: string, row: Waiting): void {
    const waiting = this.#waiting[side];
    waiting.set(id, row);
    if (waiting.size <= this.#most) return;
    for (const [oldest, { number }] of waiting) {
      waiting.delete(oldest);
      if (side === "champion" && number > this.#firstPaired) this.#givenUp += 1;
      return;
    }
  }

  /** Rows of the champion, from the first one that the challenger has as well, that the challenger does not have: missed, or still to come. */
  get missed(): number {
    let missed = this.#givenUp;
    for (const { number } of this.#waiting.champion.values()) if (number > this.#firstPaired) missed += 1;
    return missed;
  }
}
