import { describe, expect, test } from "vitest";
import { datesText, timeTicks } from "./time-ticks.js";

describe("moments on an axis", () => {
  test.each([
    ["2026-01-05T09:17:00Z", "2026-01-05T09:20:00Z", ["09:17", "09:18", "09:19", "09:20"]],
    ["2026-01-05T09:17:00Z", "2026-01-05T13:07:00Z", ["09:30", "10:00", "10:30", "11:00", "11:30", "12:00", "12:30", "13:00"]],
    ["2026-01-04T22:30:00Z", "2026-01-05T02:00:00Z", ["22:30", "23:00", "23:30", "5 Jan", "00:30", "01:00", "01:30", "02:00"]],
    ["2026-01-05T00:00:00Z", "2026-01-13T00:00:00Z", ["5 Jan", "6 Jan", "7 Jan", "8 Jan", "9 Jan", "10 Jan", "11 Jan", "12 Jan", "13 Jan"]],
    ["2026-02-10T00:00:00Z", "2026-12-10T00:00:00Z", ["Mar 2026", "May 2026", "Jul 2026", "Sept 2026", "Nov 2026"]],
    ["1970-01-01T00:00:00Z", "2030-01-01T00:00:00Z", ["Jan 1970", "Jan 1980", "Jan 1990", "Jan 2000", "Jan 2010", "Jan 2020", "Jan 2030"]],
    ["1962-03-01T10:00:00Z", "1962-03-01T10:02:00Z", ["10:00", "10:01", "10:02"]],
    [
      "0010-01-01T00:00:00Z",
      "0400-01-01T00:00:00Z",
      ["Jan 50", "Jan 100", "Jan 150", "Jan 200", "Jan 250", "Jan 300", "Jan 350", "Jan 400"],
    ],
  ])("from %s to %s", (from, to, texts) => {
    expect(timeTicks(Date.parse(from), Date.parse(to)).map(({ text }) => text)).toEqual(texts);
  });

  test.each([
    [Date.UTC(2026, 0), 8.64e15 + 86_400_000],
    [-8.64e15, 8.64e15],
    [8.64e15 - 86_400_000, 8.64e15 + 60_000],
    [8.64e15, 8.64e15 + 60_000],
  ])("from %d to %d, at the end of time, are at most nine", (from, to) => {
    const ticks = timeTicks(from, to);
    expect(ticks.length).toBeGreaterThan(0);
    expect(ticks.length).toBeLessThanOrEqual(9);
    expect(datesText(from, to)).toMatch(/\d/);
  });

  test("are where they say", () => {
    expect(timeTicks(Date.parse("2026-02-10T00:00:00Z"), Date.parse("2026-12-10T00:00:00Z"))[0]?.time).toBe(
      Date.parse("2026-03-01T00:00:00Z"),
    );
  });
});

test.each([
  ["2026-01-05T09:17:00Z", "2026-01-06T00:00:00Z", "5 January 2026"],
  ["2026-01-05T09:17:00Z", "2026-01-06T00:01:00Z", "5 January 2026 to 6 January 2026"],
])("the dates from %s to %s", (from, to, text) => {
  expect(datesText(Date.parse(from), Date.parse(to))).toBe(text);
});
