import { describe, expect, it } from "vitest";
import { numericColumns } from "./numeric-columns.js";
import { parseDataset } from "./read-dataset.js";

const dataset = (text: string) => parseDataset("rows.csv", Buffer.from(text));

describe("numericColumns", () => {
  it("reads the named columns in the order asked for", () => {
    const [b, a] = numericColumns(dataset("a,b,note\n1,-2.5,x\n+3,.5e-1,y\n"), ["b", "a"]);
    expect(b).toEqual(Float64Array.of(-2.5, 0.05));
    expect(a).toEqual(Float64Array.of(1, 3));
  });

  it("says which columns there are when one is missing", () => {
    expect(() => numericColumns(dataset("c,b\n1,2\n"), ["a"])).toThrow(
      'rows.csv, column "a": there is no such column; the file has "c", "b". Name one of these.',
    );
  });

  it("names all columns with cells that are no numbers", () => {
    expect(() => numericColumns(dataset("a,b,c,d\n1,2,3,north\n1,2021-01-01,3,4\n"), ["a", "b", "c", "d"])).toThrow(
      expect.objectContaining({ line: 3, column: "b", columns: ["b", "d"] }),
    );
  });

  it.each([
    ["", "the value is missing"],
    ["abc", 'not a number, got "abc"'],
    ['"1,5"', 'not a number, got "1,5": write a decimal point'],
    ["NaN", 'the value is missing, got "NaN"'],
    ["N/A", 'the value is missing, got "N/A"'],
    ["Infinity", 'not a number, got "Infinity"'],
    ["0x10", 'not a number, got "0x10"'],
    ["1e39", "1e39 is beyond the range of float32 (±3.4e38)"],
    ["1e999", "1e999 is beyond the range of float32 (±3.4e38)"],
  ])("refuses the cell %j and names its line and column", (cell, problem) => {
    const read = () => numericColumns(dataset(`a,b\n1,2\n3,${cell}\n`), ["b"]);
    expect(read).toThrow(expect.objectContaining({ name: "DatasetError", line: 3, column: "b", problem }));
    expect(read).toThrow(
      `rows.csv, line 3, column "b": ${problem}. Write a decimal number such as 21.5, remove the row, or leave the column out of the features.`,
    );
  });
});
