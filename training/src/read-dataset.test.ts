import { describe, expect, it } from "vitest";
import { DatasetError } from "./dataset-error.js";
import { parseDataset, readDataset } from "./read-dataset.js";

const parse = (text: string) => parseDataset("rows.csv", new TextEncoder().encode(text));

describe("parseDataset", () => {
  it("keeps every cell as its text and knows the line of each row", () => {
    const dataset = parse('\uFEFFage,"note, long"\n59.0,"a ""b"""\n\n48,\r\n');
    expect(dataset.header).toEqual(["age", "note, long"]);
    expect(dataset.records).toEqual([
      ["59.0", 'a "b"'],
      ["48", ""],
    ]);
    expect(dataset.lines).toEqual([2, 4]);
  });

  it("hashes the bytes as they are", () => {
    // Expected value: printf 'a\n1\n' | sha256sum
    expect(parse("a\n1\n").sha256).toBe("309b0e45a73d3fc5325e2b6ed0a01ef8b9cde6b05a5633c1f893f970d52bfddc");
  });

  it.each([
    ["", "rows.csv: the file is empty. Give a CSV file with a header line and a line per row."],
    ["a,b\n", "rows.csv: the file has a header and no rows. Add a line per row."],
    ["a,,c\n1,2,3\n", "rows.csv, line 1: column 2 of the header has no name. Name every column."],
    ["a,b,a\n1,2,3\n", 'rows.csv, line 1, column "a": the header has this name twice. Give every column its own name.'],
    ["a,b\n1,2\n\n3\n", "rows.csv, line 4: the row has 1 cells, the header 2. Give every row one cell for each column."],
  ])("refuses %j", (text, message) => {
    expect(() => parse(text)).toThrow(DatasetError);
    expect(() => parse(text)).toThrow(message);
  });

  it("refuses a quote that is not closed and keeps the parser's error as cause", () => {
    const read = () => parse('a,b\n"1,2\n');
    expect(read).toThrow("rows.csv: the file is not readable as CSV");
    expect(read).toThrow(expect.objectContaining({ cause: expect.objectContaining({ code: "CSV_QUOTE_NOT_CLOSED" }) }));
  });
});

describe("readDataset", () => {
  it("says which file cannot be read", async () => {
    await expect(readDataset("/nowhere/rows.csv")).rejects.toThrow(
      "/nowhere/rows.csv: the file cannot be read. Check that it exists and that this user may read it.",
    );
  });
});
