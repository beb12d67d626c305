import { quote, takeCells, type Column, type FeaturesFrame, type Ids, type Refusal } from "@streamgauge/core";

/** A refusal of one row. */
export type RowRefusal = Refusal & { readonly row: number };

/** The rows of a frame that the model can score. */
export interface SelectedRows {
  readonly ids: Ids;
  /** In the model's feature order, shape [rows] each. */
  readonly columns: readonly Float64Array[];
  readonly refusals: readonly RowRefusal[];
  /** Where the rows stood in the frame, where some of those were left out. */
  readonly positions?: readonly number[];
}

/**
 * Brings a frame into the model's feature order. A row with a value that is missing or no number is refused and the
 * others are kept; a frame that lacks a feature, or has one that the model does not know, is refused row by row.
 */
export function selectFeatures({ ids, columns }: FeaturesFrame, features: readonly string[]): SelectedRows {
  const refusals: RowRefusal[] = [];
  const known = new Set(features);
  const selected: Column[] = [];
  for (const name of features) {
    const column = columns.get(name);
    if (column === undefined) refuseAll(ids, name, "the model needs this feature; the row does not have it", refusals);
    else {
      if (!(column instanceof Float64Array)) refuseOthers(ids, name, column, refusals);
      selected.push(column);
    }
  }
  if (columns.size > selected.length) {
    for (const name of columns.keys()) if (!known.has(name)) refuseAll(ids, name, `the model does not know this feature; it takes ${listed(features)}`, refusals);
  }
  if (refusals.length === 0) return { ids, columns: selected.filter((column) => column instanceof Float64Array), refusals };
  const bad = new Set(refusals.map(({ row }) => row));
  const rows = Array.from({ length: ids.length }, (_, row) => row).filter((row) => !bad.has(row));
  const kept = selected.map((column) => takeCells(column, rows)).filter((column) => column instanceof Float64Array);
  return { ids: ids.take(rows), columns: kept, refusals, positions: rows };
}

function refuseAll(ids: Ids, field: string, reason: string, refusals: RowRefusal[]): void {
  for (let row = 0; row < ids.length; row += 1) refusals.push({ row, id: ids.at(row), field, reason });
}

/** Refuses the rows whose cell is no number. */
function refuseOthers(ids: Ids, field: string, column: Column, refusals: RowRefusal[]): void {
  for (const [row, cell] of column.entries()) {
    if (typeof cell === "number") continue;
    refusals.push({ row, id: ids.at(row), field, reason: cell === null ? "the value is missing" : `not a number, got ${quote(cell)}` });
  }
}

function listed(features: readonly string[]): string {
  const text = features.join(", ");
  return text.length > 300 ? `${text.slice(0, 297)}...` : text;
}
