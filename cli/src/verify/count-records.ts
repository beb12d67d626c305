import { createReadStream, existsSync } from "node:fs";
import { parse } from "csv-parse";

/** The number of records, without the header, in the first `length` bytes of a CSV file; 0 if there is no file. */
export async function countRecords(path: string, length: number): Promise<number> {
  if (!existsSync(path) || length === 0) return 0;
  const parser = createReadStream(path, { end: length - 1 }).pipe(parse());
  let records = 0;
  for await (const _ of parser) records += 1;
  return Math.max(0, records - 1);
}
