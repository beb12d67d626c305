import { expect, test } from "vitest";
import { readTimeBound } from "./time-bound.js";

test.each([
  ["1970-01-02", 86_400_000],
  ["1970-01-01T01:00", 3_600_000],
  ["1970-01-01T01:00:01", 3_601_000],
  ["1970-01-01T01:00:00.5Z", 3_600_500],
  ["1970-01-01T01:00+02:00", -3_600_000],
  ["-1000", -1_000],
  ["8640000000000000", 8.64e15],
])("%s is %d ms since 1970", (text, time) => {
  expect(readTimeBound(text)).toBe(time);
});

test.each(["", "yesterday", "Jan 5 2026", "2026-13-01", "2026-01-05 10:00", "8640000000000001", "1e3"])("%j is no time", (text) => {
  expect(readTimeBound(text)).toBeUndefined();
});
