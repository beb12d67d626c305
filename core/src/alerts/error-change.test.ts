import { errorChangeOf } from "@streamgauge/testing";
import { expect, test } from "vitest";
import { describeChange, firstNoticed } from "./error-change.js";

const CHANGE = errorChangeOf({
  time: "2026-11-29T05:52:07.250Z",
  mean_before: 43.24303,
  mean_since: 94.45,
  mean_since_low: 55.592,
  mean_since_high: 133.31,
});

test("a change says since when, from what to what, how sure that is, and when it was noticed", () => {
  expect(describeChange(CHANGE, "mg/dl")).toBe(
    "about 2026-11-29 05:51:00 UTC (row 101 of the log): MAE 43.243 mg/dl before, 94.45 mg/dl since (95 % interval: 55.592 to 133.31). " +
      "Noticed at 2026-11-29 05:52:07 UTC (row 150).",
  );
});

test("it names the log of a partition, and how often the alarm was raised again", () => {
  const text = describeChange({ ...CHANGE, log: "metric_log.2of4.csv", raised_again: 31 }, "");
  expect(text).toMatch(/^about 2026-11-29 05:51:00 UTC \(row 101 of metric_log\.2of4\.csv\): MAE 43\.243 before, /);
  expect(text).toMatch(/ \(row 150\)\. Raised again 31 times\.$/);
  expect(describeChange({ ...CHANGE, raised_again: 1 }, "")).toMatch(/ Raised again once\.$/);
});

test("what is not known is left out", () => {
  const unknown = { ...CHANGE, since_time: null, time: null, mean_since: null, mean_since_low: null, mean_since_high: null };
  expect(describeChange(unknown, "mg/dl")).toBe("about row 101 of the log: MAE 43.243 mg/dl before, overflow since. Noticed at row 150.");
});

test("of several partitions the one that noticed first speaks", () => {
  const at = (time: string | null, log: string) => ({ ...CHANGE, time, log });
  expect(firstNoticed([at(null, "1"), at("2026-11-29T06:00:00.000Z", "2"), at("2026-11-29T05:00:00.000Z", "3")])?.log).toBe("3");
  expect(firstNoticed([])).toBeUndefined();
});
