import Type, { type Static } from "typebox";
import { BLOCK_SIDE, type SavedPairs } from "./pair-cells.js";

/** Versions that have a density of their own beside that of all of them: those with the most rows. */
const MOST_VERSIONS = 5;
/** The most cells along each axis. */
const MOST_CELLS = 32;
/** Of so many rows, those that lie apart may be left out of the choice of the cells, at least one at each end. */
const FEW_ROWS = 20;
const LEFT_OUT = 0.005;
/** The least share of the rows that must be known by their cells; cells of first rows may be wider. */
const KNOWN = 0.99;

const count = Type.Integer({ minimum: 0 });
const index = Type.Integer({ minimum: 0, maximum: MOST_CELLS - 1 });

/** How often which prediction met which label. */
export const PairDensitySchema = Type.Object(
  {
    model: Type.Union([Type.String(), Type.Null()], { description: "The model version; null: all of them." }),
    rows: Type.Integer({ minimum: 1, description: "Its labelled rows." }),
    outside: Type.Integer({
      minimum: 0,
      description:
        "Of these, rows that are in no cell: they lie apart, or came before the tenths of the version and are known less finely.",
    }),
    from: Type.Number({ description: "Where both axes begin." }),
    width: Type.Number({ description: "Of a cell, along both axes: a power of two." }),
    side: Type.Integer({ minimum: 1, maximum: MOST_CELLS, description: "Cells along each axis." }),
    cells: Type.Array(Type.Tuple([index, index, count]), {
      description: "Cells that have rows: the number of the cell along y_pred and along y_true, from 0, and the rows.",
    }),
  },
  { description: "Predicted against actual as counts of rows, in square cells." },
);

export type PairDensity = Static<typeof PairDensitySchema>;

/** A cell in multiples of its width. */
interface Cell {
  readonly exponent: number;
  readonly column: number;
  readonly row: number;
  readonly count: number;
}

interface VersionPairs {
  readonly model: string;
  readonly pairs: readonly SavedPairs[];
}

/** The density of all rows, and that of each version if there are several. None without rows. */
export function pairDensities(versions: readonly VersionPairs[]): PairDensity[] {
  const known = versions.map(({ model, pairs }) => ({ model, cells: pairs.flatMap(cellsOf) }));
  const all = { model: null, cells: known.flatMap(({ cells }) => cells) };
  const most = known.toSorted((one, other) => rowsIn(other.cells) - rowsIn(one.cells)).slice(0, MOST_VERSIONS);
  const own = versions.length > 1 ? known.filter((version) => most.includes(version)) : [];
  return [all, ...own].flatMap(({ model, cells }) => densityOf(model, cells) ?? []);
}

function cellsOf({ exponent, origin, runs }: SavedPairs): Cell[] {
  return runs.flatMap(([first = 0, ...counts]) =>
    counts.map((each, i) => ({
      exponent,
      column: origin + ((first + i) % BLOCK_SIDE),
      row: origin + Math.floor((first + i) / BLOCK_SIDE),
      count: each,
    })),
  );
}

function rowsIn(cells: readonly Cell[]): number {
  return cells.reduce((sum, each) => sum + each.count, 0);
}

function densityOf(model: string | null, cells: readonly Cell[]): PairDensity | undefined {
  const rows = rowsIn(cells);
  if (rows === 0) return undefined;
  const leftOut = leftOutOf(rows);
  const least = knownExponent(cells, Math.min(KNOWN * rows, rows - leftOut));
  const known = upTo(least, cells);
  const [whole, most] = [rangeOf(known, least, 0), rangeOf(known, least, leftOut)];
  // Cells twice as wide are little to pay for every row.
  const range = whole.exponent <= most.exponent + 1 ? whole : most;
  return { model, rows, ...counted(range, upTo(range.exponent, cells), rows) };
}

/** The cells that are of this size or smaller, as cells of this size. */
function upTo(exponent: number, cells: readonly Cell[]): Cell[] {
  return cells.filter((cell) => cell.exponent <= exponent).map((cell) => widenedTo(exponent, cell));
}

function leftOutOf(rows: number): number {
  return rows < FEW_ROWS ? 0 : Math.max(1, Math.floor(LEFT_OUT * rows));
}

/** The exponent of the smallest cells in which so many rows are known. */
function knownExponent(cells: readonly Cell[], rows: number): number {
  const byExponent = new Map<number, number>();
  for (const { exponent, count: each } of cells) byExponent.set(exponent, (byExponent.get(exponent) ?? 0) + each);
  let known = 0;
  for (const [exponent, each] of [...byExponent].toSorted(([one], [other]) => one - other)) {
    known += each;
    if (known >= rows) return exponent;
  }
  return Number.NaN;
}

/** A range of cells of one size. */
interface Range {
  readonly exponent: number;
  readonly from: number;
  readonly to: number;
}

/** The smallest cells of which few enough hold the rows. @param cells - of one size. @param leftOut - rows that may lie beyond, at each end of each axis. */
function rangeOf(cells: readonly Cell[], exponent: number, leftOut: number): Range {
  const axes = [cells.map(({ column, count: each }) => [column, each] as const), cells.map(({ row, count: each }) => [row, each] as const)];
  const from = Math.min(...axes.map((places) => endOf(places, leftOut, 1)));
  const to = Math.max(...axes.map((places) => endOf(places, leftOut, -1)));
  let range = { exponent, from, to };
  while (range.to - range.from >= MOST_CELLS)
    range = { exponent: range.exponent + 1, from: Math.floor(range.from / 2), to: Math.floor(range.to / 2) };
  return range;
}

function widenedTo(exponent: number, { exponent: own, column, row, count: each }: Cell): Cell {
  // Numbers of cells have fewer than 60 bits.
  const times = 2 ** Math.min(exponent - own, 60);
  return { exponent, column: Math.floor(column / times), row: Math.floor(row / times), count: each };
}

/** The first place from one end on that has more than so many rows at it or before it. @param step - 1 from the least on, −1 from the greatest. */
function endOf(places: readonly (readonly [place: number, count: number])[], leftOut: number, step: 1 | -1): number {
  let passed = 0;
  for (const [place, each] of places.toSorted(([one], [other]) => step * (one - other))) {
    passed += each;
    if (passed > leftOut) return place;
  }
  return Number.NaN;
}

function counted({ exponent, from, to }: Range, cells: readonly Cell[], rows: number): Omit<PairDensity, "model" | "rows"> {
  const width = 2 ** exponent;
  const side = to - from + 1;
  const counts = new Map<number, number>();
  const within = cells.filter(({ column, row }) => Math.min(column, row) >= from && Math.max(column, row) <= to);
  for (const { column, row, count: each } of within) {
    const at = (row - from) * side + column - from;
    counts.set(at, (counts.get(at) ?? 0) + each);
  }
  const sorted = [...counts].toSorted(([one], [other]) => one - other);
  return {
    outside: rows - rowsIn(within),
    from: from * width,
    width,
    side,
    cells: sorted.map(([at, each]) => [at % side, Math.floor(at / side), each]),
  };
}
