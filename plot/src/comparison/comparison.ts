import { seededNumbers } from "@streamgauge/core";
import { confidenceSequence, type MeanInterval } from "./confidence-sequence.js";

/** One row that both lanes have logged. */
export interface Pair {
  readonly yTrue: number;
  /** |y_true − y_pred| of the champion, in the target's unit. */
  readonly champion: number;
  /** The same of the challenger. */
  readonly challenger: number;
}

/** Rows of one tenth of the true values. */
export interface Decile {
  /** Least and greatest true value. */
  readonly from: number;
  readonly to: number;
  readonly rows: number;
  readonly championMae: number;
  readonly challengerMae: number;
  /** Rows on which the challenger's error is smaller. */
  readonly won: number;
}

/** How two lanes compare, on the rows that both have logged. Errors are in the target's unit. */
export interface ComparisonSummary {
  readonly rows: number;
  readonly championMae: number;
  readonly challengerMae: number;
  /**
   * Of |error of the champion| − |error of the challenger|: above 0 the challenger is better. Undefined for fewer than 100 rows, and if the errors
   * are so large that their squares are beyond the largest double.
   */
  readonly difference: MeanInterval | undefined;
  readonly verdict: "challenger" | "champion" | "open";
  /** Rows on which the challenger's error is smaller, larger, and the same. */
  readonly won: number;
  readonly lost: number;
  readonly tied: number;
  readonly deciles: readonly Decile[];
  /** Rows that the deciles are computed from: all of them, or an even sample. */
  readonly decileRows: number;
  /** The difference as it was after so many rows. */
  readonly history: readonly (MeanInterval & { readonly rows: number })[];
}

/** Rows that deciles are computed from, at most. */
const SAMPLE_ROWS = 50_000;
/** From one point of the history to the next. */
const HISTORY_STEP = 1.03;

/** Compares two lanes row by row, in bounded memory. */
export class Comparison {
  #rows = 0;
  #champion = 0;
  #challenger = 0;
  #mean = 0;
  #squares = 0;
  #won = 0;
  #lost = 0;
  readonly #sample: Pair[] = [];
  readonly #history: (MeanInterval & { rows: number })[] = [];
  #nextPoint = 0;
  /** The same rows give the same sample. */
  readonly #random = seededNumbers(1);

  add(pair: Pair): void {
    // Two errors beyond the largest double count as equal.
    const difference = pair.champion === pair.challenger ? 0 : pair.champion - pair.challenger;
    this.#rows += 1;
    this.#champion += pair.champion;
    this.#challenger += pair.challenger;
    const off = difference - this.#mean;
    this.#mean += off / this.#rows;
    this.#squares += off * (difference - this.#mean);
    if (difference > 0) this.#won += 1;
    else if (difference < 0) this.#lost += 1;
    this.#keep(pair);
    if (this.#rows < this.#nextPoint) return;
    const interval = this.#difference();
    if (interval === undefined) return;
    this.#history.push({ ...interval, rows: this.#rows });
    this.#nextPoint = Math.ceil(this.#rows * HISTORY_STEP);
  }

  /** Each row is as likely to be in the sample as any other (Vitter's algorithm R). */
  #keep(pair: Pair): void {
    if (this.#sample.length < SAMPLE_ROWS) {
      this.#sample.push(pair);
      return;
    }
    const place = Math.floor(this.#random() * this.#rows);
    if (place < SAMPLE_ROWS) this.#sample[place] = pair;
  }

  #difference(): MeanInterval | undefined {
    const interval = confidenceSequence(this.#rows, this.#mean, this.#squares / this.#rows);
    return interval !== undefined && [interval.mean, interval.lower, interval.upper].every(Number.isFinite) ? interval : undefined;
  }

  summary(): ComparisonSummary {
    const difference = this.#difference();
    return {
      rows: this.#rows,
      championMae: this.#champion / this.#rows,
      challengerMae: this.#challenger / this.#rows,
      difference,
      verdict: verdictOf(difference),
      won: this.#won,
      lost: this.#lost,
      tied: this.#rows - this.#won - this.#lost,
      deciles: decilesOf(this.#sample),
      decileRows: this.#sample.length,
      history: difference === undefined ? [] : [...this.#history, { ...difference, rows: this.#rows }],
    };
  }
}

function verdictOf(difference: MeanInterval | undefined): ComparisonSummary["verdict"] {
  if (difference === undefined) return "open";
  if (difference.lower > 0) return "challenger";
  return difference.upper < 0 ? "champion" : "open";
}

/**
 * Ten parts of about as many rows each, by the true value. Rows of one true value are in one part, so there are fewer parts if many
 * rows share a value.
 */
export function decilesOf(pairs: readonly Pair[]): Decile[] {
  // Sorting the numbers alone takes a tenth of the time that sorting the rows takes.
  const sorted = Float64Array.from(pairs, ({ yTrue }) => yTrue).sort();
  const bounds = Array.from({ length: 9 }, (_, i) => sorted[Math.floor((sorted.length * (i + 1)) / 10)] ?? Infinity);
  const parts = Array.from({ length: 10 }, () => ({ from: Infinity, to: -Infinity, rows: 0, champion: 0, challenger: 0, won: 0 }));
  for (const { yTrue, champion, challenger } of pairs) {
    const part = parts[bounds.findLastIndex((bound) => bound <= yTrue) + 1];
    if (part === undefined) continue;
    part.from = Math.min(part.from, yTrue);
    part.to = Math.max(part.to, yTrue);
    part.rows += 1;
    part.champion += champion;
    part.challenger += challenger;
    part.won += challenger < champion ? 1 : 0;
  }
  return parts
    .filter(({ rows }) => rows > 0)
    .map(({ from, to, rows, champion, challenger, won }) => {
      return { from, to, rows, championMae: champion / rows, challengerMae: challenger / rows, won };
    });
}
