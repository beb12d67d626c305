/** From a line of the log on, of so many rows one is counted in pairs of features. */
export interface PairRate {
  /** The number of the line, from 0. */
  readonly line: number;
  readonly every: number;
}

/** At speed one row in ten is counted: all of them would take more time than all bins of features do. Earlier versions always did so. */
const SAMPLED_EVERY = 10;
/** Rows a second from which on rows are sampled, and below which all are counted again: pairs then take a hundredth of a core at most. */
const FAST = { from: 20_000, below: 10_000 };
/** How long rows are counted to know their rate, in ms. */
const MEASURED_MS = 1_000;
/** Changes that are remembered. Rows of lines before are taken as not counted. */
const MOST_CHANGES = 1_000;

/**
 * Which rows are counted in pairs of features: all while they are few, else those whose ids are chosen. So a correction knows of each row whether it
 * was counted. The rate changes only with what is stored, so that a start from there counts the same rows.
 */
export class PairRates {
  #rates: readonly PairRate[];
  #every: number;
  /** Where the present rate begins. */
  #from: number;
  /** Where rows began to be counted to know their rate, and when, ms since 1970. */
  #measuredFrom: number;
  #measuredSince: number;

  /** @param saved - undefined in a new store, and in that of an earlier version. @param lines - of the log. @param now - ms since 1970. */
  constructor(saved: readonly PairRate[] | undefined, lines: number, now: number) {
    const before = lines > 0 ? [{ line: 0, every: SAMPLED_EVERY }] : [];
    this.#rates = saved ?? [...before, { line: lines, every: 1 }];
    const { line = 0, every = 1 } = this.#rates.at(-1) ?? {};
    this.#every = every;
    this.#from = line;
    this.#measuredFrom = lines;
    this.#measuredSince = now;
  }

  /** @param hash - the low one of its id. @param line - the number of its line. */
  isPaired(hash: number, line: number): boolean {
    const every = line >= this.#from ? this.#every : this.#rates.findLast((rate) => rate.line <= line)?.every;
    return every !== undefined && hash % every === 0;
  }

  /** Within a commit, as it is stored. @param line - the number of the next line. @param now - ms since 1970. */
  adapt(line: number, now: number): void {
    const took = now - this.#measuredSince;
    if (took >= 0 && took < MEASURED_MS) return;
    const aSecond = (1_000 * (line - this.#measuredFrom)) / took;
    this.#measuredFrom = line;
    this.#measuredSince = now;
    // After the clock was set back nothing is known.
    if (took < 0) return;
    const isFast = aSecond >= (this.#every === 1 ? FAST.from : FAST.below);
    const every = isFast ? SAMPLED_EVERY : 1;
    if (every === this.#every) return;
    this.#rates = [...this.#rates, { line, every }].slice(-MOST_CHANGES);
    this.#every = every;
    this.#from = line;
  }

  save(): readonly PairRate[] {
    return this.#rates;
  }
}
