import { errorChangeOf } from "@streamgauge/testing";
import { expect, test } from "vitest";
import { describeAlarm } from "./describe-alarm.js";

test("an alarm says since when, and how wrong the model was and is", () => {
  expect(describeAlarm(errorChangeOf(), "mg/dl")).toBe(
    "The error of model m@1 became worse at about 2026-11-29 05:51:00 UTC (row 101 of the log): MAE 1 mg/dl before, " +
      "3 mg/dl since (95 % interval: 2 to 4). Noticed at 2026-11-29 05:52:00 UTC (row 150).",
  );
});

test("a better model is suspicious", () => {
  expect(describeAlarm(errorChangeOf({ kind: "better" }), "")).toMatch(
    /^The error of model m@1 became better at about .* If nobody improved it, look for a label that leaks into the features\.$/,
  );
});
