import { describe, expect, test } from "vitest";
import { describeRefusal, describeRefusals, quote, refusedRows } from "./refusal.js";

describe("A refusal in words", () => {
  test.each([
    [{ reason: "the body is empty" }, "the body is empty"],
    [{ field: "id", reason: "no such column" }, "field id: no such column"],
    [{ row: 0, reason: "bad" }, "row 0: bad"],
    [{ row: 3, id: "a7", field: "age", reason: "not a number" }, 'row 3 (id "a7"), field age: not a number'],
    [{ row: 3, id: 'a"\n', field: "age", reason: "bad" }, 'row 3 (id "a\\"\\n"), field age: bad'],
  ])("%j", (refusal, text) => {
    expect(describeRefusal(refusal)).toBe(text);
  });

  test("several are one text of at most 2,000 characters, which says how many more there are", () => {
    const refusals = Array.from({ length: 1_000 }, (_, row) => ({
      row,
      id: `id-${row}`,
      field: "age",
      reason: "not a finite number, got null",
    }));
    const text = describeRefusals(refusals);
    expect(text.length).toBeLessThanOrEqual(2_040);
    expect(text).toMatch(/^row 0 \(id "id-0"\), field age: not a finite number, got null; row 1 .*; and \d+ more$/);
    expect(text.split("; ").length - 1 + Number(/and (\d+) more/.exec(text)?.[1])).toBe(1_000);
  });

  test("one that is too long is cut", () => {
    expect(describeRefusals([{ reason: "x".repeat(5_000) }])).toBe("x".repeat(2_000));
    expect(describeRefusals([])).toBe("");
  });
});

describe("A value that is quoted", () => {
  test.each<[unknown, string]>([
    ["a", '"a"'],
    ["two\nlines", '"two\\nlines"'],
    ["\ud800", '"\\ud800"'],
    [Infinity, "Infinity"],
    [Number.NaN, "NaN"],
    [-1.5, "-1.5"],
    [null, "null"],
    [undefined, "nothing"],
    [true, "true"],
    [10n, "10"],
    [[1, 2], "an array"],
    [{ a: 1 }, "an object"],
  ])("%o", (value, text) => {
    expect(quote(value)).toBe(text);
  });

  test("is short, however long or deep it is", () => {
    expect(quote("x".repeat(10_000_000))).toBe(`"${"x".repeat(56)}...`);
    let deep: unknown = 1;
    for (let i = 0; i < 100_000; i += 1) deep = [deep];
    expect(quote(deep)).toBe("an array");
  });
});

test("refused rows are counted once each, and all of them if the message is refused as a whole", () => {
  expect(
    refusedRows(
      [
        { row: 1, reason: "a" },
        { row: 1, reason: "b" },
        { row: 4, reason: "c" },
      ],
      10,
    ),
  ).toBe(2);
  expect(refusedRows([{ row: 1, reason: "a" }, { reason: "b" }], 10)).toBe(10);
  expect(refusedRows([], 10)).toBe(0);
});
