import {
  columnOf,
  EVENT_TIME,
  featureColumns,
  Ids,
  isMissingNumber,
  isMissingText,
  numberOf,
  numberProblem,
  pythonFloat,
  quote,
  type Cell,
  type Column,
  type FeaturesFrame,
  type Refusal,
} from "@streamgauge/core";
import { INTEGER_RANGE, type FeatureKind, type FeatureRules, type FeatureValues } from "./feature-kind.js";
import { overflowFrom, overflowReason, type Precision } from "./precision.js";

/** The rows of a frame that the model can score. */
export interface SelectedRows {
  readonly ids: Ids;
  /** In the model's feature order, shape [rows] each. */
  readonly columns: readonly FeatureValues[];
  /** Why the others cannot be scored; their rows are positions in the frame. */
  readonly refusals: readonly Refusal[];
  /** Where the rows stood in the frame, if some of those were left out. */
  readonly positions?: readonly number[];
  /** Columns of the frame that the model does not take. */
  readonly passedOver?: readonly string[];
}

/**
 * Brings a frame into the model's feature order. A frame that lacks a feature is refused as a whole; a row with a value that is missing,
 * not of its feature's kind or too large for the model's precision is refused, and the others are kept. Columns that the model does not
 * take are passed over. A feature of the name `event_time` is the column of that name or, if the frame has none, the event time in ms
 * since 1970.
 */
export function selectFeatures(frame: FeaturesFrame, rules: FeatureRules): SelectedRows {
  const { ids } = frame;
  const { features, kinds, precisions = [] } = rules;
  const columns = features.includes(EVENT_TIME) ? featureColumns(frame) : frame.columns;
  const missing = features.filter((name) => !columns.has(name));
  if (missing.length > 0) return { ids: Ids.of([]), columns: [], refusals: misfits({ ids, columns }, features, missing) };
  const others = columns.size > features.length ? { passedOver: othersThan(features, columns) } : {};
  const refusals: Refusal[] = [];
  const selected = features.map((name, i): Column => {
    const column = columns.get(name) ?? [];
    if (frame.asWritten !== true) return column;
    return kinds[i] === "text" ? asTexts(column, frame.pythonFloats?.has(name) === true ? pythonFloat : String, rules) : asNumbers(column);
  });
  for (const [i, name] of features.entries()) {
    const [kind, column] = [kinds[i] ?? "number", selected[i] ?? []];
    refuseOthers(ids, name, kind, column, rules, refusals);
    if (kind === "number") refuseOverflow(ids, name, precisions[i] ?? "float64", column, refusals);
  }
  const valuesOf = (rows?: readonly number[]) => selected.map((column, i) => values(column, kinds[i] ?? "number", rows));
  if (refusals.length === 0) return { ids, columns: valuesOf(), refusals, ...others };
  const bad = new Set(refusals.map(({ row }) => row));
  const rows = Array.from({ length: ids.length }, (_, row) => row).filter((row) => !bad.has(row));
  return { ids: ids.take(rows), columns: valuesOf(rows), refusals, positions: rows, ...others };
}

function othersThan(features: readonly string[], columns: FeaturesFrame["columns"]): string[] {
  const taken = new Set(features);
  return [...columns.keys()].filter((name) => !taken.has(name));
}

/** The cells of a text file for a text input. @param spell - spells its numbers as the file does. */
function asTexts(column: Column, spell: (value: number) => string, { allowsMissing }: FeatureRules): Column {
  return Array.from<Cell, Cell>(column, (cell) => {
    if (typeof cell === "number") return spell(cell);
    return cell !== null && allowsMissing && isMissingText(cell) ? null : cell;
  });
}

/** The cells of a text file for any other input. */
function asNumbers(column: Column): Column {
  if (column instanceof Float64Array) return column;
  return columnOf(column.map((cell) => (typeof cell === "string" ? (numberOf(cell) ?? (cell.trim() === "" ? null : cell)) : cell)));
}

/** What does not fit between the frame's columns and the model's features. A message of one row is named by its id. */
function misfits(
  { ids, columns }: Pick<FeaturesFrame, "ids" | "columns">,
  features: readonly string[],
  missing: readonly string[],
): Refusal[] {
  const where = ids.length === 1 ? { row: 0, id: ids.at(0) } : {};
  const unknown = othersThan(features, columns);
  const refusals = missing.map((field) => ({ ...where, field, reason: "the model needs this feature" }));
  const [field] = unknown;
  if (field === undefined) return refusals;
  return [...refusals, { ...where, field, reason: `the model does not know ${listed(unknown)}; it takes ${listed(features)}` }];
}

/** Refuses the rows whose cell is not of the feature's kind. */
function refuseOthers(
  ids: Ids,
  field: string,
  kind: FeatureKind,
  column: Column,
  { allowsMissing }: FeatureRules,
  refusals: Refusal[],
): void {
  if (kind === "number" && column instanceof Float64Array) return;
  for (let row = 0; row < column.length; row += 1) {
    const reason = cellRefusal(column[row] ?? null, kind, allowsMissing);
    if (reason !== undefined) refusals.push({ row, id: ids.at(row), field, reason });
  }
}

/** Refuses the rows whose number would reach the model as infinity. */
function refuseOverflow(ids: Ids, field: string, precision: Precision, column: Column, refusals: Refusal[]): void {
  if (precision === "float64") return;
  const numbers = column instanceof Float64Array ? column : values(column, "number");
  if (!(numbers instanceof Float64Array)) return;
  for (let row = overflowFrom(numbers, precision); row >= 0; row = overflowFrom(numbers, precision, row + 1))
    refusals.push({ row, id: ids.at(row), field, reason: overflowReason(numbers[row] ?? Number.NaN, precision) });
}

/** Why a cell is not of its kind; undefined if it is one. */
function cellRefusal(cell: Cell, kind: FeatureKind, allowsMissing: boolean): string | undefined {
  if (cell === null) return missingRefusal(kind, allowsMissing);
  if (kind === "number") return typeof cell === "number" ? undefined : textRefusal(cell, allowsMissing);
  if (kind === "text") return typeof cell === "string" ? undefined : `the model takes text here, got the number ${cell}: send it in quotes`;
  if (kind === "bool") return truth(cell) === undefined ? `neither true nor false, got ${quote(cell)}` : undefined;
  const [least, greatest] = INTEGER_RANGE[kind];
  if (typeof cell === "number" && Number.isInteger(cell) && cell >= least && cell <= greatest) return undefined;
  return `the model takes whole numbers from ${least} to ${greatest} here, got ${quote(cell)}`;
}

function missingRefusal(kind: FeatureKind, allowsMissing: boolean): string | undefined {
  if (kind !== "number" && kind !== "text") return "the value is missing, and the model's input has no way to say so";
  return allowsMissing
    ? undefined
    : `the value is missing; with ALLOW_MISSING=1 it reaches the model as ${kind === "text" ? "empty text" : "NaN"}`;
}

/** Why a text is no number, nor stands for a missing one if that is allowed. */
function textRefusal(cell: string, allowsMissing: boolean): string | undefined {
  if (!isMissingNumber(cell)) return numberProblem(cell);
  return allowsMissing ? undefined : `not a number, got ${quote(cell)}; with ALLOW_MISSING=1 it counts as missing`;
}

/** 1 or 0 for what says so; undefined for anything else. */
function truth(cell: Cell): number | undefined {
  if (cell === 0 || cell === 1) return cell;
  if (typeof cell !== "string") return undefined;
  const at = ["false", "true"].indexOf(cell.toLowerCase());
  return at < 0 ? undefined : at;
}

/** The cells at these rows, or all of them; they are of the kind, or missing. */
function values(column: Column, kind: FeatureKind, rows?: readonly number[]): FeatureValues {
  if (rows === undefined && column instanceof Float64Array) return column;
  const cells = rows === undefined ? column : rows.map((row) => column[row] ?? null);
  if (kind === "text") return Array.from<Cell, string>(cells, (cell) => (cell === null ? "" : String(cell)));
  // A text that was not refused stands for a missing number.
  const number = (cell: Cell) =>
    typeof cell === "number" ? cell : kind === "bool" && cell !== null ? (truth(cell) ?? Number.NaN) : Number.NaN;
  return Float64Array.from<Cell>(cells, number);
}

function listed(names: readonly string[]): string {
  const text = names.join(", ");
  return text.length > 300 ? `${text.slice(0, 297)}...` : text;
}
