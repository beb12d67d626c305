import { addBins, emptySums, NO_ROWS, plus, sumsOf, totalOf, type BinSums, type Sums } from "./bin-sums.js";
import { earlierRatio, scaledBack } from "./earlier-ratio.js";
import { deviationOf, eValueOf, NO_EVIDENCE, type Evidence } from "./evidence.js";
import { ShareInflation, type BinInBlock } from "./inflation.js";

/** In how many rows of a block a bin has to be to be looked at for spells. */
const LEAST_ROWS_IN_BLOCK = 5;

/** Bins of a feature, or of two together: their sums over all blocks, and what speaks against each. */
export class SegmentTable {
  /** Of the second feature; 1 if there is none. */
  readonly width: number;
  readonly sums: BinSums;
  readonly #block: BinSums;
  /** What each bin is compared with: all rows, and of a pair also those of each of its two bins. Shape [comparisons][bins]. */
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

  add(sums: BinSums): void {
    addBins(this.#block, sums);
  }

  rowsOfBlock(): number {
    return this.#block.rows.reduce((sum, rows) => sum + rows, 0);
  }

  /** Ends a block: what it says of each bin is kept. */
  endBlock(): void {
    const wholes = wholesOf(this.#block, this.width);
    const deviations = Array.from(this.#block.rows.keys(), (bin) => this.#judge(bin, wholes));
    if (this.width === 1) this.#inflation.add(deviations);
    addBins(this.sums, this.#block);
    for (const values of Object.values(this.#block)) values.fill(0);
  }

  #judge(bin: number, wholes: Wholes): BinInBlock | undefined {
    const part = sumsOf(this.#block, bin);
    if (part.rows === 0) return undefined;
    let first: BinInBlock | undefined;
    for (const [i, whole] of wholesOfBin(wholes, bin, this.width).entries()) {
      const scaled = scaledBack(part, whole, this.#factor(bin, i));
      const deviation = deviationOf(scaled.part, scaled.whole);
      const known = this.#evidence[i];
      if (deviation === undefined || known === undefined) continue;
      const { gain, price } = known[bin] ?? NO_EVIDENCE;
      known[bin] = { gain: gain + deviation.gain, price: price + deviation.price };
      if (i === 0 && part.rows >= LEAST_ROWS_IN_BLOCK) first = deviation;
    }
    return first;
  }

  readonly #factors = new Map<number, number>();

  #factor(bin: number, comparison: number): number {
    if (this.#earlier === undefined) return 1;
    const key = 3 * bin + comparison;
    const known = this.#factors.get(key);
    if (known !== undefined) return known;
    const { sums, width, inflation } = this.#earlier;
    const whole = wholesOfBin(wholesOf(sums, width), bin, width)[comparison] ?? NO_ROWS;
    const factor = earlierRatio(sumsOf(sums, bin), whole, inflation);
    this.#factors.set(key, factor);
    return factor;
  }

  /** The least of the e-values of what it is compared with. @param inflation - of a pair, that of its features. */
  eValue(bin: number, inflation = this.inflation): number {
    return Math.min(...this.#evidence.map((bins) => eValueOf(bins[bin] ?? NO_EVIDENCE, inflation)));
  }
}

interface Wholes {
  readonly all: Sums;
  readonly byFirst: readonly Sums[];
  readonly bySecond: readonly Sums[];
}

function wholesOf(sums: BinSums, width: number): Wholes {
  const all = totalOf(sums);
  if (width === 1) return { all, byFirst: [], bySecond: [] };
  const byFirst = Array.from({ length: sums.rows.length / width }, () => NO_ROWS);
  const bySecond = Array.from({ length: width }, () => NO_ROWS);
  for (const [bin, rows] of sums.rows.entries()) {
    if (rows === 0) continue;
    const part = sumsOf(sums, bin);
    const [first, second] = [Math.floor(bin / width), bin % width];
    byFirst[first] = plus(byFirst[first] ?? NO_ROWS, part);
    bySecond[second] = plus(bySecond[second] ?? NO_ROWS, part);
  }
  return { all, byFirst, bySecond };
}

function wholesOfBin({ all, byFirst, bySecond }: Wholes, bin: number, width: number): readonly Sums[] {
  return width === 1 ? [all] : [all, byFirst[Math.floor(bin / width)] ?? NO_ROWS, bySecond[bin % width] ?? NO_ROWS];
}
