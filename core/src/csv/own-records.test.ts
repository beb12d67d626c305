import { expect, test } from "vitest";
import type { CsvRow } from "./csv-splitter.js";
import { ownRecords } from "./own-records.js";

async function read(text: string, size: number): Promise<CsvRow[]> {
  const bytes = Buffer.from(text);
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  const rows: CsvRow[] = [];
  for await (const piece of ownRecords(pieces())) rows.push(...piece);
  return rows;
}

test.each([1, 7, 1_000])("any id is read back, and a header alone is a file, in chunks of %d bytes", async (size) => {
  expect(await read('id,value\n"a,\0\n""b""",1\nsep=;,2\n', size)).toEqual([
    { line: 1, cells: ["id", "value"] },
    { line: 2, cells: ['a,\0\n"b"', "1"] },
    { line: 4, cells: ["sep=;", "2"] },
  ]);
  expect(await read("id,value\n", size)).toEqual([{ line: 1, cells: ["id", "value"] }]);
  expect(await read("", size)).toEqual([]);
});

test("a broken record is given with its problem, and reading goes on", async () => {
  expect(await read('id,value\na"b,1\nc,2\n', 100)).toEqual([
    { line: 1, cells: ["id", "value"] },
    { line: 2, cells: [], problem: "a quote stands within a cell that does not begin with one" },
    { line: 3, cells: ["c", "2"] },
  ]);
});
