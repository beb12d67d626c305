import { expect, test } from "vitest";
import { changesOf, errorChange } from "./alarm-change.js";
import type { LaneAlarm } from "./raised-alarm.js";

const FIRST: LaneAlarm = {
  number: 1,
  model: "m@1",
  raisedAt: 0,
  kind: "worse",
  row: 150,
  time: Date.UTC(2026, 10, 29, 5, 52),
  sinceRow: 101,
  sinceTime: Date.UTC(2026, 10, 29, 5, 51),
  rowsSince: 50,
  meanBefore: 1,
  meanSince: 3,
  meanSinceLow: 2,
  meanSinceHigh: 4,
  baseline: 1,
  every: 100_000,
  again: false,
};

test("a change is what its first alarm says, however often it is raised again", () => {
  const again = { ...FIRST, number: 2, row: 200, sinceRow: 151, meanSince: 9, again: true };
  const better = { ...FIRST, number: 3, kind: "better", row: 300 } as const;
  const worse = { ...FIRST, number: 4, row: 400 };
  expect(changesOf([FIRST, again, better, worse, { ...again, number: 5 }])).toEqual([
    { ...FIRST, raisedAgain: 1 },
    { ...better, raisedAgain: 0 },
    { ...worse, raisedAgain: 1 },
  ]);
  expect(changesOf([again]).map(({ number, raisedAgain }) => [number, raisedAgain])).toEqual([[2, 0]]);
});

test("it is written with its event times, and what is not known is null", () => {
  const change = { ...FIRST, time: Number.NaN, meanSince: Infinity, meanSinceLow: Number.NaN, meanSinceHigh: Number.NaN, raisedAgain: 2 };
  expect(errorChange(change, "metric_log.2of4.csv")).toEqual({
    kind: "worse",
    model: "m@1",
    log: "metric_log.2of4.csv",
    since_row: 101,
    since_time: "2026-11-29T05:51:00.000Z",
    row: 150,
    time: null,
    mean_before: 1,
    mean_since: null,
    mean_since_low: null,
    mean_since_high: null,
    raised_again: 2,
  });
  expect(errorChange(change, undefined)).not.toHaveProperty("log");
});
