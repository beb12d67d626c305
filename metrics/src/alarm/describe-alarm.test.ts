import { expect, test } from "vitest";
import { describeAlarm } from "./describe-alarm.js";
import type { LaneAlarm } from "./raised-alarm.js";

const ALARM: LaneAlarm = {
  number: 1,
  model: "diabetes@ca12",
  raisedAt: 0,
  kind: "worse",
  row: 4_057,
  time: Date.UTC(2026, 10, 29, 5, 52),
  sinceRow: 4_002,
  sinceTime: Date.UTC(2026, 10, 29, 5, 51),
  rowsSince: 56,
  meanBefore: 43.24303,
  meanSince: 94.45,
  meanSinceLow: 55.592,
  meanSinceHigh: 133.31,
  baseline: 47.2,
  every: 100_000,
  again: false,
};

test("an alarm says since when, and how wrong the model was and is", () => {
  expect(describeAlarm(ALARM, "mg/dl")).toBe(
    "The error of model diabetes@ca12 is worse since about row 4002 of the log (2026-11-29T05:51:00.000Z): mean absolute error 43.243 mg/dl before, " +
      "94.45 (55.592 to 133.31) mg/dl since. Noticed with row 4057.",
  );
});

test("what is not known is left out; a better model is suspicious", () => {
  const better = { ...ALARM, kind: "better", meanSince: 0, meanSinceLow: Number.NaN, sinceTime: Number.NaN } as const;
  expect(describeAlarm(better, "")).toBe(
    "The error of model diabetes@ca12 is better since about row 4002 of the log: mean absolute error 43.243 before, 0 since. Noticed with row 4057. " +
      "If nobody improved it, look for a label that leaks into the features.",
  );
});
