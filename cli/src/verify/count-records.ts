import { createReadStream, existsSync } from "node:fs";
import { parse } from "csv-parse";

/** How many records, without the header, the first `length` bytes of a CSV file hold; 0 where there is no file. */
export async function countRecords(path: string, length: number): Promise<number> {
  if (!existsSync(path) || length === 0) return 0;
  const parser = createReadStream(path, { end: length - 1 }).pipe(parse());
  let records = 0;
  for await (const _ of parser) records += 1;
  return Math.max(0, records - 1);
}
