import { isMissingNumber, listedNames, numberOf, numberProblem, quote } from "@streamgauge/core";
import { DatasetError, type DatasetFault } from "./dataset-error.js";
import type { Dataset } from "./read-dataset.js";

/** Largest finite float32; the exported model computes in float32, so a larger number would become infinite. */
const MAX_FLOAT32 = 3.4028234663852886e38;

/**
 * Reads the named columns of a dataset as numbers.
 *
 * @returns one array for each name in the order of `names`, each [rows], in the file's units.
 * @throws DatasetError for a column that is not there, and for the first cell that is empty, not a decimal
 * number, or beyond the range of float32; it names the line and the column, and which of the columns have such cells.
 */
export function numericColumns(dataset: Dataset, names: readonly string[]): Float64Array[] {
  const read = names.map((name) => numericColumn(dataset, name));
  const faults = read.flatMap((column) => (column instanceof Float64Array ? [] : [column]));
  const [first] = faults;
  if (first !== undefined)
    throw new NotNumbersError(
      first,
      faults.map(({ column }) => column),
    );
  return read.filter((column) => column instanceof Float64Array);
}

/** Cells of a dataset are no numbers. The message is of the first one. */
export class NotNumbersError extends DatasetError {
  /** Columns with such cells. */
  readonly columns: readonly string[];

  constructor(first: DatasetFault, columns: readonly string[]) {
    super(first);
    this.columns = columns;
  }
}

/** The numbers of a column, or its first cell that is none. */
function numericColumn(dataset: Dataset, name: string): Float64Array | (DatasetFault & { readonly column: string }) {
  const position = dataset.header.indexOf(name);
  if (position === -1) {
    throw new DatasetError({
      path: dataset.path,
      column: name,
      problem: `there is no such column; the file has ${listedNames(dataset.header)}`,
      remedy: "Name one of these",
    });
  }
  const texts = dataset.records.map((record) => record[position] ?? "");
  const row = texts.findIndex((text) => cellProblem(text) !== undefined);
  if (row === -1) return Float64Array.from(texts, Number);
  return {
    path: dataset.path,
    ...(dataset.lines[row] === undefined ? {} : { line: dataset.lines[row] }),
    column: name,
    problem: cellProblem(texts[row] ?? "") ?? "",
    remedy: "Write a decimal number such as 21.5, remove the row, or leave the column out of the features",
  };
}

function cellProblem(text: string): string | undefined {
  const value = numberOf(text);
  if (value === undefined && isMissingNumber(text))
    return text.trim() === "" ? "the value is missing" : `the value is missing, got ${quote(text)}`;
  // What is no finite double is beyond the range of float32 too.
  const beyond = value === undefined ? Math.abs(Number(text)) === Infinity && /\d/.test(text) : Math.abs(value) > MAX_FLOAT32;
  if (beyond) return `${text} is beyond the range of float32 (±3.4e38)`;
  return value === undefined ? numberProblem(text) : undefined;
}
