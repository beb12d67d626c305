import { NO_ROWS, sumsOf, totalOf, type PairSums, type SegmentHour, type Sums } from "./bin-sums.js";
import { eBenjaminiHochberg, nextEValue } from "./e-bh.js";
import { LEAST_REFERENCE_ROWS } from "./earlier-ratio.js";
import { SEGMENT_TOLERANCE } from "./evidence.js";
import { SegmentTable } from "./segment-table.js";

/** The greatest expected share of false ones among the segments that stand out. */
export const SEGMENT_RISK = 0.05;
/** Fewer rows are no segment. */
export const LEAST_SEGMENT_ROWS = 30;
/** Hours are joined until they hold so many rows. */
const LEAST_BLOCK_ROWS = 200;

/** A bin of a column, or, in a pair, a group of its bins. */
export interface ColumnBin {
  readonly column: number;
  readonly bin: number;
}

/** Rows that share a bin, or two, and their errors. */
export interface Segment {
  /** One bin, or two of different features. */
  readonly where: readonly ColumnBin[];
  /** Of a pair, those of the sample. */
  readonly sums: Sums;
  /** Whether only a sample of its rows was counted. */
  readonly isSampled: boolean;
  /** The mean |e| that it is compared with: its own in the earlier windows, or that of all other rows. */
  readonly baseline: number;
  /** What its rows have more than at the baseline: Σ|e|, of a pair scaled up from the sample to all rows. */
  readonly excess: number;
  readonly eValue: number;
  readonly standsOut: boolean;
}

/** The segments of a range, the greatest excess first; those that stand out before all others. */
export interface Segments {
  /** Of all rows with codes. */
  readonly all: Sums;
  /** Of all rows of the earlier windows; without them undefined. */
  readonly earlier: Sums | undefined;
  /** How many segments had enough rows to be tested. */
  readonly tested: number;
  /** With this e-value one more segment of one feature would stand out. */
  readonly nextEValue: number;
  readonly segments: readonly Segment[];
}

interface PairTable {
  readonly columns: readonly [number, number];
  readonly table: SegmentTable;
}

/** Hours of a range that are being added up, in the order of their time. */
export class SegmentSearch {
  readonly #earlier: SegmentSearch | undefined;
  readonly #columns: SegmentTable[] = [];
  readonly #pairs = new Map<string, PairTable>();
  /** Of the block of hours that is open: no |e| is larger. */
  #peak = 0;

  /** @param earlier - windows to compare with, all added; without them a segment is compared with all other rows. */
  constructor(earlier?: SegmentSearch) {
    this.#earlier = earlier;
    earlier?.end();
  }

  add({ columns, pairs, peak }: SegmentHour): void {
    this.#peak = Math.max(this.#peak, peak);
    for (const [column, sums] of columns.entries()) this.#columnTable(column, sums.rows.length).add(sums);
    for (const pair of pairs) this.#pairTable(pair).add(pair.sums);
    if ((this.#columns[0]?.rowsOfBlock() ?? 0) >= LEAST_BLOCK_ROWS) this.end();
  }

  #columnTable(column: number, bins: number): SegmentTable {
    return (this.#columns[column] ??= new SegmentTable(bins, 1, this.#earlier?.column(column)));
  }

  #pairTable({ columns, width, sums }: PairSums): SegmentTable {
    const key = columns.join(" ");
    const table = this.#pairs.get(key)?.table ?? new SegmentTable(sums.rows.length, width, this.#earlier?.pair(key));
    this.#pairs.set(key, { columns, table });
    return table;
  }

  /** Ends the block of hours that is open. */
  end(): void {
    for (const table of this.#columns) table.endBlock(this.#peak);
    for (const { table } of this.#pairs.values()) table.endBlock(this.#peak);
    this.#peak = 0;
  }

  column(column: number): SegmentTable | undefined {
    return this.#columns[column];
  }

  pair(key: string): SegmentTable | undefined {
    return this.#pairs.get(key)?.table;
  }

  /** All rows of the blocks so far. */
  total(): Sums {
    const [table] = this.#columns;
    return table === undefined ? NO_ROWS : totalOf(table.sums);
  }

  /** What is found in all hours that were added. */
  found(): Segments {
    this.end();
    const [ofOne, ofTwo] = [judged(this.#inColumns()), judged(this.#inPairs())];
    const segments = [...ofOne.segments, ...ofTwo.segments];
    return {
      all: this.total(),
      earlier: this.#earlier?.total(),
      tested: segments.length,
      nextEValue: ofOne.nextEValue,
      segments: segments.toSorted((one, other) => Number(other.standsOut) - Number(one.standsOut) || other.excess - one.excess),
    };
  }

  #inColumns(): Tested[] {
    return this.#columns.flatMap((table, column) => testedIn(table, (bin) => [{ column, bin }], { scale: 1, inflation: table.inflation }));
  }

  #inPairs(): Tested[] {
    const { rows } = this.total();
    return [...this.#pairs.values()].flatMap(({ columns: [one, other], table }) => {
      const inflation = Math.max(this.#columns[one]?.inflation ?? 1, this.#columns[other]?.inflation ?? 1);
      const scale = rows / Math.max(1, totalOf(table.sums).rows);
      const where = (bin: number) => [
        { column: one, bin: Math.floor(bin / table.width) },
        { column: other, bin: bin % table.width },
      ];
      return testedIn(table, where, { scale, inflation });
    });
  }
}

interface Tested extends Omit<Segment, "standsOut"> {
  /** Beyond the tolerance. */
  readonly isWorse: boolean;
}

interface Scales {
  /** All rows for one that was counted. */
  readonly scale: number;
  readonly inflation: number;
}

function testedIn(table: SegmentTable, where: (bin: number) => ColumnBin[], { scale, inflation }: Scales): Tested[] {
  const [others] = table.others();
  return Array.from(table.sums.rows.keys()).flatMap((bin) => {
    const sums = sumsOf(table.sums, bin);
    const rest = others === undefined ? NO_ROWS : sumsOf(others, bin);
    if (sums.rows < LEAST_SEGMENT_ROWS || rest.rows === 0) return [];
    const before = table.earlier === undefined ? NO_ROWS : sumsOf(table.earlier.sums, bin);
    const hasEarlier = before.rows >= LEAST_REFERENCE_ROWS;
    const baseline = hasEarlier ? before.absolute / before.rows : rest.absolute / rest.rows;
    const isWorse = hasEarlier ? sums.absolute / sums.rows > baseline * (1 + SEGMENT_TOLERANCE) : table.isWorseThanOthers(bin);
    const excess = scale * (sums.absolute - sums.rows * baseline);
    return [{ where: where(bin), sums, isSampled: scale > 1, baseline, excess, isWorse, eValue: table.eValue(bin, inflation) }];
  });
}

/** Half of the risk goes to each of two families: bins, and pairs of bins, which are many more. */
function judged(family: readonly Tested[]): Pick<Segments, "segments" | "nextEValue"> {
  const rejected = new Set(
    eBenjaminiHochberg(
      family.map(({ eValue }) => eValue),
      SEGMENT_RISK / 2,
    ),
  );
  const segments = family.map(({ isWorse, ...segment }, i) => ({ ...segment, standsOut: rejected.has(i) && isWorse }));
  return { segments, nextEValue: nextEValue(family.length, rejected.size, SEGMENT_RISK / 2) };
}
