import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isMissingNumber, isMissingText, numberOf, numberProblem, writtenCell } from "./csv-cells.js";

describe("numberOf", () => {
  test.each([
    ["59", 59],
    [" 59\t", 59],
    ["01234", 1234],
    ["1e3", 1000],
    ["-.5", -0.5],
    ["5.", 5],
    ["+2", 2],
    ["", undefined],
    ["1,5", undefined],
    ["0x10", undefined],
    ["Infinity", undefined],
    ["1e999", undefined],
    ["1_000", undefined],
    ["NaN", undefined],
  ])("%j", (text, wanted) => {
    expect(numberOf(text)).toBe(wanted);
  });
});

describe("writtenCell", () => {
  test.each([
    ["59", 59],
    ["0", 0],
    ["-12.5", -12.5],
    ["0.000001", 0.000001],
    ["206.1166534423828", 206.1166534423828],
    ["1e+21", 1e21],
    ["", null],
    ["01234", "01234"],
    ["1e3", "1e3"],
    ["59.0", "59.0"],
    ["+5", "+5"],
    [".5", ".5"],
    ["-0", "-0"],
    ["0.0000001", "0.0000001"],
    [" 5", " 5"],
    ["12345678901234567890", "12345678901234567890"],
    ["9007199254740993", "9007199254740993"],
    ["1e999", "1e999"],
    ["berlin", "berlin"],
    [" ", " "],
  ])("%j", (text, wanted) => {
    expect(writtenCell(text)).toBe(wanted);
  });

  test("a number gives back the text, whatever that was", () => {
    const digits = fc.string({ unit: fc.constantFrom("0", "1", "5", "9", ".", "-", "+", "e", " "), maxLength: 20 });
    fc.assert(
      fc.property(fc.oneof(digits, fc.double().map(String), fc.integer().map(String)), (text) => {
        expect(String(writtenCell(text) ?? "")).toBe(text);
      }),
      { numRuns: 5_000 },
    );
  });
});

describe("what stands for a missing value", () => {
  const EVERYWHERE = ["", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA"];
  const OTHERS = ["NULL", "NaN", "None", "n/a", "nan", "null"];
  test.each([...EVERYWHERE, ...OTHERS])("in both kinds of columns, as in pandas: %j", (text) => {
    expect([isMissingText(text), isMissingNumber(text)]).toEqual([true, true]);
  });

  test.each(["?", "-", "--", ".", "\\N", " NA ", "na", "NONE", "  "])("for a number alone: %j", (text) => {
    expect([isMissingText(text), isMissingNumber(text)]).toEqual([false, true]);
  });

  test.each(["0", "-1", "missing", "unknown", "no", "x"])("not %j", (text) => {
    expect([isMissingText(text), isMissingNumber(text)]).toEqual([false, false]);
  });
});

test.each([
  ["", "the value is missing"],
  ["  ", "the value is missing"],
  ["one", 'not a number, got "one"'],
  ["1,5", 'not a number, got "1,5": write a decimal point'],
  ["1,5,2", 'not a number, got "1,5,2"'],
])("numberProblem(%j)", (text, wanted) => {
  expect(numberProblem(text)).toBe(wanted);
});
