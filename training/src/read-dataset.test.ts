import { EMPTY_FILES, FOREIGN_FILES, UNUSUAL_FILES } from "@streamgauge/testing";
import { describe, expect, it } from "vitest";
import { DatasetError } from "./dataset-error.js";
import { numericColumns } from "./numeric-columns.js";
import { parseDataset, readDataset } from "./read-dataset.js";

const parse = (text: string) => parseDataset("rows.csv", Buffer.from(text));

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
    ["", "rows.csv: the file is empty. Give a header line, and a line per row."],
    ["a,b\n", "rows.csv: the file has a header and no rows. Give a line per row below the header."],
    ["a,b\n1,2\n\n3\n", "rows.csv, line 4: it has 1 cell, the header has 2. Mend the line, or take it out."],
  ])("refuses %j", (text, message) => {
    expect(() => parse(text)).toThrow(DatasetError);
    expect(() => parse(text)).toThrow(message);
  });

  it.each(UNUSUAL_FILES)("reads $name", ({ bytes, rows, broken }) => {
    if (broken !== undefined) {
      const message = `rows.csv, line ${broken[0]}: ${broken[1]}. Mend the line, or take it out.`;
      expect(() => parseDataset("rows.csv", bytes)).toThrow(message);
      return;
    }
    const dataset = parseDataset("rows.csv", bytes);
    const [a, yTrue] = numericColumns(dataset, ["a", "y_true"]);
    const id = dataset.header.indexOf("id");
    expect(dataset.records.map((cells, i) => [cells[id], a?.[i], yTrue?.[i]])).toEqual(rows);
  });

  it.each([...FOREIGN_FILES, ...EMPTY_FILES])("refuses $name", ({ bytes, problem, remedy }) => {
    const message = `rows.csv: the file ${problem}. ${remedy.charAt(0).toUpperCase()}${remedy.slice(1)}.`;
    expect(() => parseDataset("rows.csv", bytes)).toThrow(DatasetError);
    expect(() => parseDataset("rows.csv", bytes)).toThrow(message);
  });
});

describe("readDataset", () => {
  it("says which file cannot be read", async () => {
    await expect(readDataset("/nowhere/rows.csv")).rejects.toThrow(
      "/nowhere/rows.csv: the file cannot be read. Check that it exists and that this user may read it.",
    );
  });
});
