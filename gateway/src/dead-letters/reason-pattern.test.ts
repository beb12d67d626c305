import { expect, test } from "vitest";
import { merged, partToFind, patternOf, patternText } from "./reason-pattern.js";

const patternOfAll = (reasons: readonly string[]) => reasons.map(patternOf).reduce(merged);

test.each([
  [['not a finite number, got "a"', 'not a finite number, got "b, 7"'], "not a finite number, got …"],
  [['not a finite number, got "a"'], 'not a finite number, got "a"'],
  [["not a finite number, got null", "not a finite number, got null"], "not a finite number, got null"],
  [
    ['an id is a string of 1 to 128 characters, got ""', "an id is a string of 1 to 128 characters, got 7"],
    "an id is a string of 1 to 128 characters, got …",
  ],
  [
    ["3 values for 4 ids: a column has one value per id", "3 values for 17 ids: a column has one value per id"],
    "3 values for … ids: a column has one value per id",
  ],
  [[`got "${"a".repeat(56)}...: send a number`, `got "${'\\"'.repeat(28)}...: send a number`], "got …: send a number"],
  [
    [`the body is not JSON: Unexpected token 'x', "xabc" is not valid`, `the body is not JSON: Unexpected token '}', "}" is not valid`],
    "the body is not JSON: Unexpected token …, … is not valid",
  ],
  [["not a finite number, got -1e400", "not a finite number, got 2.5"], "not a finite number, got …"],
  [["the model's float32 is too narrow", "the model's float32 is too narrow"], "the model's float32 is too narrow"],
])("%j are of the kind %s", (reasons, text) => {
  const patterns = reasons.map(patternOf);
  expect(new Set(patterns.map(({ texts }) => JSON.stringify(texts))).size).toBe(1);
  expect(patternText(patternOfAll(reasons))).toBe(text);
});

test("other words, or another field's name within them, are another kind", () => {
  expect(patternOf("field a: not a number").texts).not.toEqual(patternOf("field b: not a number").texts);
});

test("a reason of any length and shape takes no long time", () => {
  const began = performance.now();
  for (const text of [
    '"'.repeat(2_000),
    '"\\'.repeat(1_000),
    "1".repeat(2_000),
    "1,".repeat(1_000),
    "'a".repeat(1_000),
    '"a...'.repeat(400),
  ])
    for (let i = 0; i < 20; i += 1) patternOf(text);
  expect(performance.now() - began).toBeLessThan(2_000);
});

test.each([
  [['not a finite number, got "a"', 'not a finite number, got "b"'], "bmi", "field bmi: not a finite number, got"],
  [["the body is empty"], undefined, "the body is empty"],
  [['$(rm -rf /) `id` "; rm -rf ~ #'], undefined, "rm -rf"],
  [['"$HOME"'], undefined, "HOME"],
  [["--all"], undefined, ""],
  [["\u202e\u0000 a"], undefined, ""],
])("%j of the field %s are found by %j", (reasons, field, part) => {
  expect(partToFind(patternOfAll(reasons), field)).toBe(part);
});
