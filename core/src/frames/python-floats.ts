import { columnOf, type Cell, type Column, type FeaturesFrame } from "./frame.js";

/** From here on Python writes an exponent, and below it: https://docs.python.org/3/library/functions.html#repr (float_repr_style "short"). */
const WITH_EXPONENT = { from: 1e16, below: 1e-4 };
const ONE_DIGIT_EXPONENT = /e([+-])(\d)$/;

/** A finite number as Python spells a float: `59.0`, `0.5`, `-0.0`, `1e+16`, `1e-05`. */
export function pythonFloat(value: number): string {
  if (Object.is(value, -0)) return "-0.0";
  const size = Math.abs(value);
  if (size >= WITH_EXPONENT.from || (size < WITH_EXPONENT.below && size > 0))
    return value.toExponential().replace(ONE_DIGIT_EXPONENT, "e$10$2");
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

/** Whether a number has one spelling here and in Python: 0.5, and not 59. */
function isSpelledAlike(value: number): boolean {
  if (!Number.isInteger(value) && Math.abs(value) >= WITH_EXPONENT.below) return true;
  return String(value) === pythonFloat(value);
}

/** The common whole ones: their spelling need not be made to compare. */
const WHOLE = /^-?(?:0|[1-9]\d{0,14})\.0$/;

/** The number that Python spells so; undefined if there is none. */
function pythonFloatIn(text: string): number | undefined {
  if (WHOLE.test(text)) return Number(text);
  const value = Number(text);
  return Number.isFinite(value) && pythonFloat(value) === text ? value : undefined;
}

/** Whether the cells of a column are numbers with one spelling here and in Python, or missing. */
export function areSpelledAlike(column: Column): boolean {
  return column.every((cell: Cell) => cell === null || (typeof cell === "number" && isSpelledAlike(cell)));
}

/** Cells of a text file as numbers, if they are spelled as Python spells floats, or missing, and some of them not otherwise. */
function pythonFloatsIn(cells: readonly Cell[]): Column | undefined {
  if (!cells.some((cell) => typeof cell === "string")) return undefined;
  const read: (number | null)[] = [];
  for (const cell of cells) {
    const value = typeof cell === "string" ? pythonFloatIn(cell) : cell;
    if (value === undefined || (typeof cell === "number" && !isSpelledAlike(cell))) return undefined;
    read.push(value);
  }
  return columnOf(read);
}

/** Columns of a text file. */
export type WrittenColumns = Pick<FeaturesFrame, "columns" | "pythonFloats">;

/**
 * Cells of a text file in columns. A column in which Python wrote floats becomes numbers, and is named in `pythonFloats`.
 *
 * @param cells - as `writtenCell` reads them. @param texts - columns that stay as they are.
 */
export function writtenColumns(cells: Iterable<readonly [name: string, readonly Cell[]]>, texts: readonly string[] = []): WrittenColumns {
  const columns = new Map<string, Column>();
  const pythonFloats = new Set<string>();
  for (const [name, column] of cells) {
    const floats = texts.includes(name) ? undefined : pythonFloatsIn(column);
    if (floats !== undefined) pythonFloats.add(name);
    columns.set(name, floats ?? columnOf(column));
  }
  return pythonFloats.size === 0 ? { columns } : { columns, pythonFloats };
}

/** The cells of a column in `pythonFloats` as they are in any other column of a text file. */
export function spelledOut(column: Column): Column {
  return columnOf(Array.from(column, (cell: Cell) => (typeof cell !== "number" || isSpelledAlike(cell) ? cell : pythonFloat(cell))));
}
