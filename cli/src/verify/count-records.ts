import { createReadStream, existsSync } from "node:fs";
import { ownRecords } from "@streamgauge/core";

/** What a CSV file holds. */
export interface CountedRecords {
  /** Without the header. */
  readonly records: number;
  /** Those that cannot be read, and why; they count as records. */
  readonly broken: readonly { readonly line: number; readonly problem: string }[];
}

/** Counts the records in the first `length` bytes of a CSV file; none if there is no file. */
export async function countRecords(path: string, length: number): Promise<CountedRecords> {
  if (!existsSync(path) || length === 0) return { records: 0, broken: [] };
  let records = 0;
  const broken: { line: number; problem: string }[] = [];
  for await (const rows of ownRecords(createReadStream(path, { end: length - 1 }))) {
    records += rows.length;
    for (const { line, problem } of rows) if (problem !== undefined) broken.push({ line, problem });
  }
  return { records: Math.max(0, records - 1), broken };
}
