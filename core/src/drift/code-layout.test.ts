import { expect, test } from "vitest";
import { CodeLayout, pairGroups, unseenColumns } from "./code-layout.js";

test("a layout is read back from its text", () => {
  const layout = new CodeLayout("0cba33ef67f1", [
    { of: "number", bins: 23 },
    { of: "text", bins: 5 },
    { of: "y_pred", bins: 23 },
  ]);
  expect(layout.text).toBe("0cba33ef67f1 n23 t5 y23");
  expect(CodeLayout.read(layout.text)).toEqual(layout);
  expect([layout.width, layout.paired]).toEqual([3, 2]);
});

test.each([
  "",
  "0cba33ef67f1",
  "0cba33ef67f n23",
  "0cba33ef67f1 x23",
  "0cba33ef67f1 n3",
  "0cba33ef67f1 n64",
  `0cba33ef67f1${" n23".repeat(66)}`,
])("%j is no layout", (text) => {
  expect(CodeLayout.read(text)).toBeUndefined();
});

test("20 bins of numbers make five groups of four; missing, below and above are groups of their own", () => {
  const groups = pairGroups({ of: "number", bins: 23 });
  expect([...groups]).toEqual([0, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 6, 6, 6, 6, 7]);
});

test("a feature with two values has a group for each", () => {
  expect([...pairGroups({ of: "number", bins: 5 })]).toEqual([0, 1, 2, 3, 7]);
});

test("the four commonest texts have groups of their own; unseen ones are the last group", () => {
  expect([...pairGroups({ of: "text", bins: 9 })]).toEqual([0, 1, 7, 2, 3, 4, 5, 6, 6]);
});

test("the columns with unseen texts: of numbers the same code is a bin", () => {
  const layout = new CodeLayout("0cba33ef67f1", [
    { of: "text", bins: 5 },
    { of: "number", bins: 5 },
    { of: "text", bins: 5 },
  ]);
  expect(unseenColumns(layout, Uint8Array.of(9, 3, 2, 2), 1)).toEqual([2]);
});
