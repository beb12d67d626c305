import type { ErrorChange } from "@streamgauge/core";
import { expect, test } from "vitest";
import { describeAlarm } from "./describe-alarm.js";

const CHANGE: ErrorChange = {
  kind: "worse",
  model: "diabetes@ca12",
  since_row: 4_002,
  since_time: "2026-11-29T05:51:00.000Z",
  row: 4_057,
  time: "2026-11-29T05:52:00.000Z",
  mean_before: 43.24303,
  mean_since: 94.45,
  mean_since_low: 55.592,
  mean_since_high: 133.31,
  raised_again: 0,
};

test("an alarm says since when, and how wrong the model was and is", () => {
  expect(describeAlarm(CHANGE, "mg/dl")).toBe(
    "The error of model diabetes@ca12 became worse at about 2026-11-29 05:51:00 UTC (row 4002 of the log): MAE 43.243 mg/dl before, " +
      "94.45 mg/dl since (95 % interval: 55.592 to 133.31). Noticed at 2026-11-29 05:52:00 UTC (row 4057).",
  );
});

test("a better model is suspicious", () => {
  expect(describeAlarm({ ...CHANGE, kind: "better" }, "")).toMatch(
    /^The error of model diabetes@ca12 became better at about .* If nobody improved it, look for a label that leaks into the features\.$/,
  );
});
