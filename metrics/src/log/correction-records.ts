import { createReadStream, existsSync } from "node:fs";
import { ownRecords } from "@streamgauge/core";

/** A record of `corrections.csv`. */
export interface CorrectionRecord {
  /** Of the file, counted from 1. */
  readonly line: number;
  readonly id: string;
  /** The label until then, and the one that took its place. */
  readonly before: number;
  readonly after: number;
  /** When the correction was made, ms since 1970. */
  readonly at: number;
  readonly who: string;
}

/** The records of a `corrections.csv`, in order; none if there is no file. Those that cannot be read are left out. @param length - bytes that are read; default: all. */
export async function readCorrectionRecords(path: string, length = Infinity): Promise<CorrectionRecord[]> {
  if (!existsSync(path) || length === 0) return [];
  const records: CorrectionRecord[] = [];
  let isHeader = true;
  for await (const rows of ownRecords(createReadStream(path, { end: length - 1 }))) {
    for (const { line, cells, problem } of rows) {
      const [id = "", before = "", after = "", time = "", who = ""] = cells;
      const record = { line, id, before: Number(before), after: Number(after), at: Date.parse(time), who };
      const isWhole = problem === undefined && [record.before, record.after, record.at].every(Number.isFinite);
      if (!isHeader && isWhole) records.push(record);
      isHeader = false;
    }
  }
  return records;
}
