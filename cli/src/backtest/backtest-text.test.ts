import { Ids, type DriftOverTime } from "@streamgauge/core";
import { ErrorWindow, WindowSum } from "@streamgauge/core/windows";
import { labelOne } from "@streamgauge/testing";
import { expect, test } from "vitest";
import { backtestText, refusedText } from "./backtest-text.js";

const HOUR_MS = 3_600_000;
const START = Date.UTC(2026, 0, 1, 5);

function feature(name: string, psi: number, drifted: boolean): DriftOverTime["features"][number] {
  const nothing = { js: 0, wasserstein: null, counts: [], reference_counts: [], edges: [], texts: [], unseen: [] };
  return { name, kind: "number", psi, noise: 0.01, spread: 0, drifted, ...nothing };
}

/** @param flags - of each feature, shape [times][features]. */
function drift(features: DriftOverTime["features"], flags: readonly boolean[][], hours = 1): DriftOverTime {
  const time = (i: number) => new Date(START + i * hours * HOUR_MS).toISOString();
  const times = flags.map((drifted, i) => ({ start: time(i), end: time(i + 1), rows: 400, psi: drifted.map(() => 0), drifted }));
  const rows = 400 * flags.length;
  return { model: "m@1", reference: "0cba33ef67f1", reference_rows: 8000, start: time(0), end: time(flags.length), rows, features, times };
}

function lines(found: DriftOverTime | null, firstRows = 0): string[] {
  const nothing = { summary: undefined, alarms: [], firstRows, segments: null, fired: [] };
  return backtestText(
    { model: "m@1", endedAt: 0, drift: found, ...nothing, report: { html: "", says: "" }, halfWidths: new Float64Array() },
    "",
  )
    .trimEnd()
    .split("\n")
    .slice(3);
}

test("features that drifted are named, with their times, the most often drifted first", () => {
  const features = [feature("age", 0.02, false), feature("bmi", 0.2246, true), feature("sex", 0.001, false), feature("y_pred", 0.11, true)];
  const flags = [
    [true, false, false, false],
    [false, true, false, false],
    [false, true, false, false],
  ];
  expect(lines(drift(features, flags))).toEqual([
    "drift",
    "  bmi: 2 of 3 hours, since 2026-01-01 06:00; PSI 0.2246 of all",
    "  age: 1 of 3 hours, from 2026-01-01 05:00 to 2026-01-01 06:00; PSI 0.02 of all",
    "  y_pred: 0 of 3 hours; PSI 0.11 of all",
  ]);
});

test("of a long history several hours are one", () => {
  expect(lines(drift([feature("bmi", 0.3, true)], [[false], [true]], 3))).toEqual([
    "drift",
    "  bmi: 1 of 2 stretches of 3 hours, since 2026-01-01 08:00; PSI 0.3 of all",
  ]);
});

test("a feature has drifted since the hour from which it stays flagged, not since an earlier chance flag", () => {
  const flags = ["x.xx", "..xx", ".x..", "....", "xx..", "xxx.", "xx.."].map((hour) => Array.from(hour, (flag) => flag === "x"));
  expect(
    lines(
      drift(
        ["bmi", "age", "sex", "y_pred"].map((name) => feature(name, 0.3, true)),
        flags,
      ),
    ),
  ).toEqual([
    "drift",
    "  bmi: 4 of 7 hours, since 2026-01-01 09:00; PSI 0.3 of all",
    "  age: 4 of 7 hours, since 2026-01-01 07:00; PSI 0.3 of all",
    "  sex: 3 of 7 hours, longest from 2026-01-01 05:00 to 2026-01-01 07:00; PSI 0.3 of all",
    "  y_pred: 2 of 7 hours, from 2026-01-01 05:00 to 2026-01-01 07:00; PSI 0.3 of all",
  ]);
});

test("more than ten features are counted", () => {
  const features = Array.from({ length: 12 }, (_, i) => feature(`x${i}`, 0.3, true));
  const found = lines(drift(features, [features.map(() => true)]));
  expect(found).toHaveLength(12);
  expect(found.at(-1)).toBe("  and 2 more, in the report");
});

test("without drift it says none, and without a reference nothing", () => {
  expect(lines(drift([feature("bmi", 0.01, false)], [[false]]))).toEqual(["drift       none"]);
  expect(lines(null)).toEqual([]);
});

test("rows that are the reference are counted", () => {
  expect(lines(drift([feature("bmi", 0.01, false)], [[false]]), 1_000)).toEqual([
    "reference   the first 1000 rows: the model has none of its own",
    "drift       none",
  ]);
});

test("without rows to compare it says why", () => {
  const nothing = { summary: undefined, alarms: [], drift: null, segments: null, fired: [], report: { html: "", says: "" } };
  const text = (firstRows: number, notCompared: string) =>
    backtestText({ model: "m@1", endedAt: 0, ...nothing, firstRows, notCompared, halfWidths: new Float64Array() }, "").split("\n")[3];
  expect(text(0, "300 rows are fewer than REFERENCE_ROWS (1000)")).toBe(
    "reference   none: the model has none of its own, and 300 rows are fewer than REFERENCE_ROWS (1000): no drift, no segments",
  );
  expect(text(1_000, "no row comes behind them")).toBe(
    "reference   the first 1000 rows: the model has none of its own, and no row comes behind them: no drift, no segments",
  );
});

test("a figure beyond the largest double says so, and one of no rows is a dash", () => {
  const errorsOf = (errors: readonly number[]) => {
    const window = new ErrorWindow("1d", START);
    window.predict(10, START);
    for (const error of errors) labelOne(window, { yTrue: 0, yPred: error, lagMs: 1_000, model: "m@1", tenth: 10 });
    const sum = new WindowSum();
    sum.add(window.save(), "champion");
    const nothing = { alarms: [], firstRows: 0, drift: null, segments: null, fired: [], report: { html: "", says: "" } };
    const text = backtestText({ model: "m@1", endedAt: 0, summary: sum.summary(), ...nothing, halfWidths: new Float64Array() }, "");
    return text.split("\n").find((line) => line.startsWith("errors"));
  };
  expect(errorsOf([1e300, 3e300])).toBe("errors      MAE 2e+300, RMSE overflow, bias 2e+300, p95 2.905e+300");
  expect(errorsOf([])).toBe("errors      MAE –, RMSE –, bias –, p95 –");
});

test("rows that were left out are counted beyond those that are named", () => {
  const nothing = new Float64Array();
  const history = { ids: Ids.of([]), times: nothing, yTrue: nothing, yPred: nothing, model: "m@1", unit: "", heldOut: undefined };
  const reasons = ["line 2: a", "line 3: b"];
  expect(refusedText({ history, refused: 9, reasons })).toBe("m@1 left out 9 rows:\n  line 2: a\n  line 3: b\n  and 7 more\n");
  expect(refusedText({ history, refused: 2, reasons })).toBe("m@1 left out 2 rows:\n  line 2: a\n  line 3: b\n");
  expect(refusedText({ history, refused: 0, reasons: [] })).toBe("");
});
