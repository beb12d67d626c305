import type { WindowAlarm, WindowJson } from "@streamgauge/core/windows";
import { describe, expect, test } from "vitest";
import { shownWindow } from "../../testing/published-windows.js";
import { figure } from "../format.js";
import {
  chosenFigure,
  marksOf,
  modelsIn,
  provisionalRanges,
  seriesOf,
  shownTimes,
  valuesShown,
  valueText,
  windowsBeyond,
} from "./series.js";

const HOUR = 3_600_000;
const at = (hour: number, errors: readonly number[] = [1], model = "m@1") => shownWindow({ size: "1h", start: hour * HOUR, errors, model });

describe("a series", () => {
  test("has the middle of each window, and a gap where none was", () => {
    const { times, columns, windows } = seriesOf([at(0, [2]), at(1, [4]), at(5, [6])], [({ mae }) => mae]);
    expect(times).toEqual([1_800, 5_400, 12_600, 19_800]);
    expect(columns).toEqual([[2, 4, null, 6]]);
    expect(windows.map((window) => window?.start.slice(11, 13))).toEqual(["00", "01", undefined, "05"]);
  });

  test("has the figures of one version", () => {
    const window = at(0, [3, -1], "m@2");
    expect([chosenFigure({ metric: "rmse", model: "m@2" })(window), chosenFigure({ metric: "mae", model: "m@1" })(window)]).toEqual([
      Math.sqrt(5),
      null,
    ]);
    expect([chosenFigure({ metric: "bias", model: "" })(window), chosenFigure({ metric: "bias", model: "m@2" })(window)]).toEqual([1, 1]);
    expect([chosenFigure({ metric: "p95", model: "" })(window), chosenFigure({ metric: "p95", model: "m@2" })(window)]).toEqual([
      expect.closeTo(2.905, 9),
      null,
    ]);
  });
});

test("marks are alarms, and versions where they first appear; the one with which the range begins is no news", () => {
  const alarm: WindowAlarm = {
    kind: "worse",
    model: "m@1",
    row: 1_234,
    time: HOUR + 60_000,
    since_row: 1_200,
    since_time: HOUR,
    mean_before: 1,
    mean_since: 2,
  };
  const windows = [
    at(0),
    { ...at(1), alarms: [alarm] },
    at(2, [1], "m@2"),
    { ...at(3, [1], "m@1"), alarms: [{ ...alarm, row: 2_000, time: 3 * HOUR, log: "metric_log.2of4.csv" }] },
    at(4, [1], "m@2"),
  ];
  expect(marksOf(windows)).toEqual([
    { time: 3_660, kind: "alarm", text: "alarm: error is worse, m@1, row 1,234", isRepeated: false },
    { time: 7_200, kind: "model", text: "first rows of m@2", isRepeated: false },
    { time: 10_800, kind: "alarm", text: "alarm: error is worse, m@1, row 2,000 of metric_log.2of4.csv", isRepeated: true },
  ]);
  expect(modelsIn(windows)).toEqual(["m@1", "m@2"]);
});

test("a window whose labels were corrected is marked in its middle, with how many they are", () => {
  expect(marksOf([at(0), { ...at(1, [1, 2, 3]), corrected: 1 }, { ...at(2), corrected: 1_200, labelled: 5_000 }])).toEqual([
    { time: 5_400, kind: "correction", text: "1 of 3 labels corrected", isRepeated: false },
    { time: 9_000, kind: "correction", text: "1,200 of 5,000 labels corrected", isRepeated: false },
  ]);
});

test("provisional neighbours are one range", () => {
  const windows = [at(0), at(1), at(2), at(5)].map((window, i) => ({
    ...window,
    state: i === 0 ? ("final" as const) : ("provisional" as const),
  }));
  expect(provisionalRanges(windows)).toEqual([
    [3_600, 10_800],
    [18_000, 21_600],
  ]);
});

test("a chart of few windows is twelve of them wide", () => {
  expect(shownTimes([])).toBeUndefined();
  expect(shownTimes([at(20)])).toEqual([9 * 3_600, 21 * 3_600]);
  expect(shownTimes([at(0), at(99)])).toEqual([0, 100 * 3_600]);
});

test.each([
  ["no values", null, null, [0, 1]],
  ["values from near zero", 1, 10, [0, 10.9]],
  ["values far from zero", 90, 100, [89, 101]],
  ["equal values", 50, 50, [45, 55]],
  ["zeros", 0, 0, [0, 1]],
  ["values of both signs", -10, 10, [-12, 12]],
])("the axis of %s", (_, least, greatest, shown) => {
  const [from, to] = valuesShown(least, greatest);
  expect([from, to]).toEqual(shown.map((bound) => expect.closeTo(bound, 9)));
});

test("rounding is not drawn as a change", () => {
  const [from, to] = valuesShown(2.5, 2.5 + 2 ** -50);
  expect([from, to]).toEqual([2.25, expect.closeTo(2.75, 9)]);
});

test("an axis with bounds keeps them", () => {
  expect(valuesShown(0.4, 0.6, 0, 1)).toEqual([0, 1]);
  expect(valuesShown(90, 100, 0)).toEqual([0, 101]);
});

test("windows whose figure is beyond the largest number are counted, of all versions or of one", () => {
  const windows = [
    { ...shownWindow({ size: "1h", start: 0, errors: [1e300, 2e300] }) },
    { ...shownWindow({ size: "1h", start: 3_600_000, errors: [1, 2] }) },
  ];
  const count = (metric: "mae" | "rmse", model: string) => windowsBeyond(windows, { metric, model });
  expect([count("mae", ""), count("rmse", ""), count("rmse", "m@1"), count("rmse", "m@2")]).toEqual([0, 1, 1, 0]);
});

test("a value beyond the largest number is read as an overflow, one that there is not as a dash", () => {
  const beyond = shownWindow({ size: "1h", start: 0, errors: [1e300, 2e300] });
  const wide: WindowJson = { ...beyond, interval_width: null, overflowed: ["interval_width"] };
  const read = (value: number | null, window: WindowJson | undefined, name: string, model = "") =>
    valueText(value, { window, name, model }, figure);
  expect([read(1.5e300, beyond, "mae"), read(null, beyond, "rmse"), read(null, beyond, "rmse", "m@1")]).toEqual([
    "1.5e300",
    "overflow",
    "overflow",
  ]);
  expect([read(null, beyond, "rmse", "m@2"), read(null, undefined, "rmse"), read(null, at(0, []), "rmse")]).toEqual(["–", "–", "–"]);
  expect([read(null, wide, "interval_width"), read(null, wide, "interval_score")]).toEqual(["overflow", "–"]);
});
