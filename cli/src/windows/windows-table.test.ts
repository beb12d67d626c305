import { METRICS } from "@streamgauge/core";
import { ErrorWindow, windowJson } from "@streamgauge/core/windows";
import { labelOne } from "@streamgauge/testing";
import { expect, test } from "vitest";
import { durationText, windowsCsv, windowsTable } from "./windows-table.js";

const MONDAY = Date.UTC(2026, 0, 5);

function windows() {
  const full = new ErrorWindow("1h", MONDAY);
  for (const [y, prediction] of [
    [10, 13],
    [20, 19],
  ] as const) {
    full.predict(10, MONDAY);
    labelOne(full, { yTrue: y, yPred: prediction, lagMs: 7_200_000, model: "m@1", tenth: 10 });
  }
  const open = new ErrorWindow("1h", MONDAY + 3_600_000);
  open.predict(10, MONDAY);
  open.finalAt = MONDAY + 8 * 86_400_000;
  return [full, open].map((window) => windowJson(window.save(), [], MONDAY + 2 * 3_600_000));
}

test("a table has a line for each window, and a dash for what is not known", () => {
  expect(windowsTable(windows()).split("\n")).toEqual([
    "start (UTC)       state        predicted  labelled  corrected  coverage  MAE         estimated MAE    RMSE  bias    p95  label lag",
    "2026-01-05 00:00  final                2         2          0   100.0 %    2  2 (0.040036 to 3.96)  2.2361     1  2.905     87 min",
    "2026-01-05 01:00  provisional          1         0          0     0.0 %    –                     –       –     –      –          –",
    "",
  ]);
});

test("if predictions came with intervals, both have how many held the label", () => {
  const window = new ErrorWindow("1h", MONDAY);
  window.intervalTarget = 0.8;
  for (const error of [1, 3]) {
    window.predict(10, MONDAY);
    labelOne(window, { yTrue: 0, yPred: error, lagMs: 1_000, model: "m@1", tenth: 10, halfWidth: 2 });
  }
  const shown = [...windows().slice(1), windowJson(window.save(), [], MONDAY)];
  const lines = windowsTable(shown).split("\n");
  expect(lines.map((line) => line.split(/ {2,}/).at(-1))).toEqual(["in interval", "–", "50.0 %", ""]);
  expect(windowsCsv(shown).split("\n")[2]).toMatch(/,2,0\.8,0\.5,4,9$/);
});

test("figures beyond the largest double say so, in the table and in CSV", () => {
  const window = new ErrorWindow("1h", MONDAY);
  for (const error of [1e300, 3e300]) {
    window.predict(10, MONDAY);
    labelOne(window, { yTrue: 0, yPred: error, lagMs: 1_000, model: "m@1", tenth: 10 });
  }
  const huge = [windowJson(window.save(), [], MONDAY)];
  const [, line = ""] = windowsTable(huge).split("\n");
  expect(line.split(/ {2,}/).slice(-6, -1)).toEqual(["2e+300", "2e+300 (interval: overflow)", "overflow", "2e+300", "2.905e+300"]);
  expect(windowsCsv(huge).split("\n")[1]).toMatch(/,rmse estimated_low estimated_high,0,,,,$/);
});

test("CSV has the figures in full, and nothing for what is not known", () => {
  const [header, first, second] = windowsCsv(windows()).split("\n");
  const metrics = METRICS.map(({ name }) => name);
  expect(header).toBe(
    `start,end,state,revision,predicted,labelled,corrected,coverage,${metrics.join()},estimated_mae,estimated_low,estimated_high,estimated_from_reference,lag_p50_s,lag_p95_s,overflowed,interval_rows,interval_target,interval_coverage,interval_width,interval_score`,
  );
  expect(first).toMatch(/^2026-01-05T00:00:00\.000Z,2026-01-05T01:00:00\.000Z,final,0,2,2,0,1,2,2\.23606797749979,0\.8,1,/);
  expect(second).toBe(`2026-01-05T01:00:00.000Z,2026-01-05T02:00:00.000Z,provisional,0,1,0,0,0${",".repeat(metrics.length + 8)}0,,,,`);
});

test.each([
  [0.05, "50 ms"],
  [1.5, "1500 ms"],
  [90, "90 s"],
  [7_200, "2 h"],
  [400_000, "4.6 d"],
])("%d s is %s", (seconds, text) => {
  expect(durationText(seconds)).toBe(text);
});
