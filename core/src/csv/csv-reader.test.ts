import { describe, expect, test } from "vitest";
import { EMPTY_FILES, FOREIGN_FILES, UNUSUAL_FILES } from "@streamgauge/testing";
import { CsvReader, readCsvHeader } from "./csv-reader.js";
import { CsvRefusedError } from "./csv-refused-error.js";
import type { CsvRow } from "./csv-splitter.js";

/** What is read of a file that arrives in chunks of that many bytes; whatever refuses it. */
function read(bytes: Buffer, size: number) {
  const reader = new CsvReader();
  const rows: CsvRow[] = [];
  try {
    for (let at = 0; at < bytes.length; at += size) for (const piece of reader.take(bytes.subarray(at, at + size))) rows.push(...piece);
    for (const piece of reader.end()) rows.push(...piece);
    return { header: reader.header, rows };
  } catch (error) {
    if (error instanceof CsvRefusedError) return { problem: error.fault.problem, remedy: error.fault.remedy };
    throw error;
  }
}

describe.each([1, 2, 3, 7, 100_000])("in chunks of %d bytes", (size) => {
  test.each(UNUSUAL_FILES)("reads $name", ({ bytes, rows, broken }) => {
    const { header = [], rows: found = [] } = read(bytes, size);
    const position = (name: string) => header.indexOf(name);
    const good = found.filter(({ problem }) => problem === undefined);
    const cells = good.map((row) => [row.cells[position("id")], Number(row.cells[position("a")]), Number(row.cells[position("y_true")])]);
    expect(cells).toEqual(rows);
    expect(found.flatMap(({ line, problem }) => (problem === undefined ? [] : [[line, problem]]))).toEqual(
      broken === undefined ? [] : [broken],
    );
  });

  test.each([...FOREIGN_FILES, ...EMPTY_FILES])("refuses $name", ({ bytes, problem, remedy }) => {
    expect(read(bytes, size)).toEqual({ problem, remedy });
  });
});

describe("a file of one column", () => {
  test.each([
    ["body mass\n21\n", ["body mass"]],
    ["a|b\n21\n", ["a|b"]],
    ["price;eur\n21\n", ["price;eur"]],
  ])("may have a separator in its name: %j", (text, header) => {
    expect(read(Buffer.from(text), 100)).toEqual({ header, rows: [{ line: 2, cells: ["21"] }] });
  });
});

test("commas are the separator if another one only occurs in names and texts", () => {
  expect(read(Buffer.from('id,"a;b;c",note\n1,2,x;y;z\n'), 100)).toEqual({
    header: ["id", "a;b;c", "note"],
    rows: [{ line: 2, cells: ["1", "2", "x;y;z"] }],
  });
});

test.each(["ORCID", "PAR1", "BZh1", "ARROW1", "FEA1"])("a header that begins with %s is a header", (name) => {
  expect(read(Buffer.from(`${name},y_true\n1,2\n`), 7)).toEqual({ header: [name, "y_true"], rows: [{ line: 2, cells: ["1", "2"] }] });
});

test("a semicolon is the separator if names have commas", () => {
  expect(read(Buffer.from("id;price, eur;q\n1;2,5;3\n"), 100)).toMatchObject({
    problem: "separates its cells by semicolons and writes decimal commas",
  });
});

test("a first line beyond 64 KiB is a header like any other", () => {
  const names = Array.from({ length: 20_000 }, (_, i) => `feature${i}`);
  const { header = [], rows = [] } = read(Buffer.from(`${names.join(",")}\n${names.map((_, i) => i).join(",")}\n`), 65_536);
  expect([header.length, rows.length, rows[0]?.cells.length]).toEqual([20_000, 1, 20_000]);
});

test("while a file grows, what stands behind its last line break is no row", () => {
  const reader = new CsvReader();
  const rows = [...reader.take(Buffer.from("a,b\n1,2\n3,")), ...reader.end(false)].flat();
  expect(rows).toEqual([{ line: 2, cells: ["1", "2"] }]);
});

test("the header alone is read of the beginning of a file", () => {
  expect(readCsvHeader(Buffer.from("\ufeffid, a\r\n1,2\r\n3,"))).toEqual(["id", "a"]);
});
