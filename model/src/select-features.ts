import { Ids, quote, type Column, type FeaturesFrame, type Refusal } from "@streamgauge/core";

/** The rows of a frame that the model can score. */
export interface SelectedRows {
  readonly ids: Ids;
  /** In the model's feature order, shape [rows] each. */
  readonly columns: readonly Float64Array[];
  /** Why the others cannot be scored; their rows are positions in the frame. */
  readonly refusals: readonly Refusal[];
  /** Where the rows stood in the frame, where some of those were left out. */
  readonly positions?: readonly number[];
}

/**
 * Brings a frame into the model's feature order. A frame that lacks a feature, or has one that the model does not know,
 * is refused as a whole; a row with a value that is missing or no number is refused, and the others are kept.
 */
export function selectFeatures({ ids, columns }: FeaturesFrame, features: readonly string[]): SelectedRows {
  const missing = features.filter((name) => !columns.has(name));
  if (missing.length > 0 || columns.size > features.length) {
    return { ids: Ids.of([]), columns: [], refusals: misfits({ ids, columns }, features, missing) };
  }
  const refusals: Refusal[] = [];
  const selected = features.map((name): Column => columns.get(name) ?? []);
  for (const [i, name] of features.entries()) refuseOthers(ids, name, selected[i] ?? [], refusals);
  if (refusals.length === 0) return { ids, columns: selected.map((column) => numbers(column)), refusals };
  const bad = new Set(refusals.map(({ row }) => row));
  const rows = Array.from({ length: ids.length }, (_, row) => row).filter((row) => !bad.has(row));
  return { ids: ids.take(rows), columns: selected.map((column) => numbers(column, rows)), refusals, positions: rows };
}

/** What does not fit between the frame's columns and the model's features. A message of one row is told by its id. */
function misfits({ ids, columns }: FeaturesFrame, features: readonly string[], missing: readonly string[]): Refusal[] {
  const where = ids.length === 1 ? { row: 0, id: ids.at(0) } : {};
  const unknown = [...columns.keys()].filter((name) => !features.includes(name));
  const refusals = missing.map((field) => ({ ...where, field, reason: "the model needs this feature" }));
  const [field] = unknown;
  if (field === undefined) return refusals;
  return [...refusals, { ...where, field, reason: `the model does not know ${listed(unknown)}; it takes ${listed(features)}` }];
}

/** Refuses the rows whose cell is no number. */
function refuseOthers(ids: Ids, field: string, column: Column, refusals: Refusal[]): void {
  if (column instanceof Float64Array) return;
  for (const [row, cell] of column.entries()) {
    if (typeof cell === "number") continue;
    refusals.push({ row, id: ids.at(row), field, reason: cell === null ? "the value is missing" : `not a number, got ${quote(cell)}` });
  }
}

/** The cells at these rows, or all of them; they are numbers. */
function numbers(column: Column, rows?: readonly number[]): Float64Array {
  if (rows !== undefined) return Float64Array.from(rows, (row) => Number(column[row]));
  return column instanceof Float64Array ? column : Float64Array.from(column, Number);
}

function listed(names: readonly string[]): string {
  const text = names.join(", ");
  return text.length > 300 ? `${text.slice(0, 297)}...` : text;
}
