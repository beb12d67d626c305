import { forEachMetric } from "@streamgauge/core";
import type { HeadlineEvent } from "@streamgauge/core/windows";
import { describe, expect, test } from "vitest";
import { hourText, tilesOf } from "./tiles.js";

const hour: NonNullable<HeadlineEvent["last_hour"]> = {
  ...forEachMetric(() => null),
  start: "2026-11-28T09:00:00.000Z",
  end: "2026-11-28T10:00:00.000Z",
  windows: 60,
  predicted: 3_600,
  labelled: 1_102,
  corrected: 0,
  coverage: 1_102 / 3_600,
  mae: 44,
  estimated_mae: 43.02,
  estimated_low: 41.004,
  estimated_high: 45.036,
  estimated_from_reference: 0,
  lag_p50_s: 3_240,
  lag_p95_s: 7_200,
  interval_rows: 1_000,
  interval_target: 0.9,
  interval_coverage: 0.912,
  interval_width: 180.5,
  interval_score: 221.25,
  reference_mae: 40,
  models: [],
};
test("an error beyond the largest number says so, and an estimate without an interval why", () => {
  const squares = { ...hour, mae: 2e300, estimated_mae: 2e300, estimated_low: null, estimated_high: null };
  const [mae, estimate] = tilesOf({ ...headline, last_hour: { ...squares, overflowed: ["rmse", "estimated_low", "estimated_high"] } });
  expect([mae?.value, estimate?.value, estimate?.note]).toEqual([
    "2e300",
    "2e300",
    "no interval: squared errors are beyond the largest number, 1.8e308",
  ]);
  const errors = { ...squares, mae: null, estimated_mae: null, overflowed: ["mae", "estimated_mae"] };
  expect(tilesOf({ ...headline, last_hour: errors }).slice(0, 2)).toMatchObject([
    { value: "overflow", note: "beyond the largest number, 1.8e308" },
    { value: "overflow", note: "beyond the largest number, 1.8e308" },
  ]);
  const reference = { ...hour, reference_mae: null, overflowed: ["reference_mae"] };
  expect(tilesOf({ ...headline, last_hour: reference })[0]?.note).toBe("the reference is beyond the largest number, 1.8e308");
});

const headline: HeadlineEvent = {
  last_hour: hour,
  rows_per_second: { predicted: 1_234.56, labelled: 10 },
  model: "diabetes@ca12cffa9dbb",
  unit: "mg",
  alarm: { state: "ok" },
  lanes: ["champion"],
};
const change: NonNullable<NonNullable<HeadlineEvent["alarm"]>["change"]> = {
  kind: "worse",
  model: "diabetes@ca12cffa9dbb",
  since_row: 4_002,
  since_time: "2026-11-29T05:51:00.000Z",
  row: 4_057,
  time: "2026-11-29T05:52:00.000Z",
  mean_before: 43.2,
  mean_since: 94.5,
  mean_since_low: 55.6,
  mean_since_high: 133.3,
  raised_again: 31,
};
const textsOf = (event: HeadlineEvent) => tilesOf(event).map(({ title, value, note, tone }) => [title, value, note, tone]);

describe("the headline", () => {
  test("has the last hour against its reference", () => {
    expect(textsOf(headline)).toEqual([
      ["MAE in mg", "44", "+10 % on reference 40", "plain"],
      ["Estimated MAE", "43.02", "95 %: 41.004 to 45.036", "plain"],
      ["Rows per second", "1,230", "10 labels", "plain"],
      ["Coverage", "30.6 %", "1,102 of 3,600 have a label", "plain"],
      ["Label lag", "54 min", "95 %: 2 h", "plain"],
      ["Interval coverage", "91.2 %", "target 90.0 %, mean width 180.5", "plain"],
      ["Alarm", "none", "the error is as it was", "good"],
      ["Model", "diabetes", "ca12cffa9dbb", "plain"],
    ]);
    expect(hourText(hour)).toBe("The last hour of the stream: 2026-11-28 09:00 to 10:00 UTC");
  });

  test("has dashes before the first row", () => {
    const nothing: HeadlineEvent = { last_hour: null, rows_per_second: null, model: null, unit: "", alarm: null, lanes: [] };
    expect(textsOf(nothing).map(([, value]) => value)).toEqual(["–", "–", "–", "–", "–", "–", "–"]);
    expect(hourText(null)).toBe("");
  });

  test.each([
    [{ state: "worse", row: 1_234, change }, ["error is worse", "since about 2026-11-29 05:51 UTC: MAE 43.2 before, 94.5 since", "bad"]],
    [
      { state: "worse", change: { ...change, since_time: null, log: "metric_log.2of4.csv" } },
      ["error is worse", "since about row 4,002: MAE 43.2 before, 94.5 since, in metric_log.2of4.csv", "bad"],
    ],
    [{ state: "better" }, ["error is better", "", "bad"]],
    [{ state: "reference" }, ["learns", "gathers the reference", "plain"]],
  ])("says that the alarm is %j", (alarm, expected) => {
    const tile = tilesOf({ ...headline, alarm }).find(({ title }) => title === "Alarm");
    expect([tile?.value, tile?.note, tile?.tone]).toEqual(expected);
  });
});
