import { describe, expect, test } from "vitest";
import { spanOf } from "./window-span.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** 2026-01-31T12:34:56Z, in the minute that begins at 12:34. */
const WATERMARK = Date.UTC(2026, 0, 31, 12, 34, 56);
const at = (hour: number, minute: number, day = 31) => Date.UTC(2026, 0, day, hour, minute);

describe("The windows of the last", () => {
  test.each([
    ["minute", MINUTE, "1m", at(12, 34), at(12, 35)],
    ["hour", HOUR, "1m", at(11, 35), at(12, 35)],
    ["two hours", 2 * HOUR, "1m", at(10, 35), at(12, 35)],
    ["three hours", 3 * HOUR, "1h", at(10, 0), at(13, 0)],
    ["day", DAY, "1h", at(13, 0, 30), at(13, 0)],
    ["week", 7 * DAY, "1d", at(0, 0, 25), at(24, 0)],
  ])("%s", (_, windowMs, size, from, to) => {
    expect(spanOf(WATERMARK, windowMs, 0)).toEqual({ size, from, to });
  });
});

// A window that is not over by then has rows that are younger, whose labels are not due.
describe("The windows that had ended, of", () => {
  test.each([
    ["an hour, two hours ago", HOUR, 2 * HOUR, "1m", at(9, 34), at(10, 34)],
    ["an hour, a day ago", HOUR, DAY, "1h", at(11, 0, 30), at(12, 0, 30)],
    ["three hours, an hour ago", 3 * HOUR, HOUR, "1h", at(8, 0), at(11, 0)],
    ["a week, a day ago", 7 * DAY, DAY, "1d", at(0, 0, 23), at(0, 0, 30)],
    ["a day, a year ago", DAY, 365 * DAY, "1d", Date.UTC(2025, 0, 30), Date.UTC(2025, 0, 31)],
  ])("%s", (_, windowMs, endedMs, size, from, to) => {
    expect(spanOf(WATERMARK, windowMs, endedMs)).toEqual({ size, from, to });
    expect(to).toBeLessThanOrEqual(WATERMARK - endedMs);
  });
});
