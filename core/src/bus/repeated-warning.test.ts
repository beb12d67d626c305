import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { captureLog } from "@streamgauge/testing";
import { RepeatedWarning } from "./repeated-warning.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test("a warning is said at once, and what comes again within ten seconds as one line", () => {
  const { log, lines } = captureLog();
  const warnings = new RepeatedWarning(log);
  for (let i = 0; i < 300; i += 1) warnings.warn("It is full.");
  warnings.warn("It is slow.");
  expect(lines).toEqual([expect.stringContaining("It is full."), expect.stringContaining("It is slow.")]);
  vi.advanceTimersByTime(10_000);
  expect(lines.slice(2)).toEqual([expect.stringContaining("It is full. (299 more times within 10 s)")]);
});

test("a warning that stopped is forgotten, and said at once when it comes again", () => {
  const { log, lines } = captureLog();
  const warnings = new RepeatedWarning(log);
  for (const pause of [10_000, 20_000, 0]) {
    warnings.warn("It is full.");
    vi.advanceTimersByTime(pause);
  }
  expect(lines).toHaveLength(3);
  expect(lines.every((line) => !line.includes("more times"))).toBe(true);
});
