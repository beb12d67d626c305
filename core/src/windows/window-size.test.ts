import { expect, test } from "vitest";
import { boundText } from "./window-size.js";

test.each([
  [0, "1970-01-01T00:00:00.000Z"],
  [8.64e15, "+275760-09-13T00:00:00.000Z"],
  [8.64e15 + 86_400_000, "+275760-09-13T00:00:00.000Z"],
  [-8.64e15, "-271821-04-20T00:00:00.000Z"],
])("%d is written, also beyond the last moment that can be", (ms, text) => {
  expect(boundText(ms)).toBe(text);
});
