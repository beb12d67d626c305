import { addBins, emptySums, NO_ROWS, plus, sumsOf, type BinSums } from "./bin-sums.js";
import { earlierRatio, scaledBack } from "./earlier-ratio.js";
import { bothOf, deviationOf, eValueOf, NO_EVIDENCE, type Evidence } from "./evidence.js";
import { ShareInflation, type BinInBlock } from "./inflation.js";
import { othersOf } from "./others.js";

/** In how many rows of a block a bin has to be to be looked at for spells. */
const LEAST_ROWS_IN_BLOCK = 5;

/** Bins of a feature, or of two together: their sums over all blocks, and what speaks against each. */
export class SegmentTable {
  /** Of the second feature; 1 if there is none. */
  readonly width: number;
  readonly sums: BinSums;
  readonly #block: BinSums;
  /** Shape [comparisons][bins], as `others`. */
  readonly #evidence: readonly Evidence[][];
  readonly #inflation = new ShareInflation();
  readonly #earlier: SegmentTable | undefined;

  /** @param earlier - the same table of the windows to compare with. */
  constructor(bins: number, width: number, earlier?: SegmentTable) {
    this.width = width;
    this.sums = emptySums(bins);
    this.#block = emptySums(bins);
    this.#evidence = Array.from({ length: width === 1 ? 1 : 3 }, () => Array.from({ length: bins }, () => NO_EVIDENCE));
    this.#earlier = earlier?.sums.rows.length === bins ? earlier : undefined;
  }

  get earlier(): SegmentTable | undefined {
    return this.#earlier;
  }

  /** How much more its bins' shares of the error change than by chance. */
  get inflation(): number {
    return this.#inflation.value();
  }

  /** What each bin is compared with, over all blocks. See `othersOf`. */
  others(): readonly BinSums[] {
    return othersOf(this.sums, this.width);
  }

  add(sums: BinSums): void {
    addBins(this.#block, sums);
  }

  rowsOfBlock(): number {
    return this.#block.rows.reduce((sum, rows) => sum + rows, 0);
  }

  /** Ends a block: what it says of each bin is kept. @param peak - no |e| of the block is larger. */
  endBlock(peak: number): void {
    const others = othersOf(this.#block, this.width);
    const deviations = Array.from(this.#block.rows.keys(), (bin) => this.#judge(bin, others, peak));
    if (this.width === 1) this.#inflation.add(deviations);
    addBins(this.sums, this.#block);
    for (const values of Object.values(this.#block)) values.fill(0);
  }

  #judge(bin: number, others: readonly BinSums[], peak: number): BinInBlock | undefined {
    const part = sumsOf(this.#block, bin);
    if (part.rows === 0) return undefined;
    let first: BinInBlock | undefined;
    for (const [i, rest] of others.entries()) {
      const factor = this.#factor(bin, i);
      const scaled = scaledBack(part, factor);
      const deviation = deviationOf(scaled, plus(scaled, sumsOf(rest, bin)), peak / Math.min(1, factor));
      const known = this.#evidence[i];
      if (deviation === undefined || known === undefined) continue;
      known[bin] = bothOf(known[bin] ?? NO_EVIDENCE, deviation);
      if (i === 0 && part.rows >= LEAST_ROWS_IN_BLOCK) first = deviation;
    }
    return first;
  }

  readonly #factors = new Map<number, number>();
  #earlierOthers: readonly BinSums[] | undefined;

  #factor(bin: number, comparison: number): number {
    if (this.#earlier === undefined) return 1;
    const key = 3 * bin + comparison;
    const known = this.#factors.get(key);
    if (known !== undefined) return known;
    const { sums, inflation } = this.#earlier;
    this.#earlierOthers ??= this.#earlier.others();
    const rest = this.#earlierOthers[comparison];
    const factor = earlierRatio(sumsOf(sums, bin), rest === undefined ? NO_ROWS : sumsOf(rest, bin), inflation);
    this.#factors.set(key, factor);
    return factor;
  }

  /** The least of the e-values of what it is compared with. @param inflation - of a pair, that of its features. */
  eValue(bin: number, inflation = this.inflation): number {
    return Math.min(...this.#evidence.map((bins) => eValueOf(bins[bin] ?? NO_EVIDENCE, inflation)));
  }

  /** Whether its rows have larger errors than all others, beyond the tolerance. See `Evidence.margin`. */
  isWorseThanOthers(bin: number): boolean {
    return (this.#evidence[0]?.[bin]?.margin ?? 0) > 0;
  }
}
