import { featuresContract, type FeaturesFrame, type Message } from "@streamgauge/core";
import { formatFor } from "../ingress/publisher.js";
import { RowTable } from "../ingress/row-table.js";
import type { Asked } from "./accepted.js";

/** Rows as messages to the model: those with the same features share one. */
export function featureMessages(rows: readonly Asked[], now: number): Message[] {
  return framesOf(rows).map((frame) => featuresContract.write(frame, formatFor(frame.ids.length, frame.columns.values()), now));
}

function framesOf(rows: readonly Asked[]): FeaturesFrame[] {
  const tables = new Map<string, RowTable>();
  for (const [i, row] of rows.entries()) {
    const names = Object.keys(row.features).toSorted().join("\0");
    const table = tables.get(names) ?? new RowTable();
    tables.set(names, table);
    table.add(row, i, row.id);
  }
  return [...tables.values()].map((table) => table.take());
}
