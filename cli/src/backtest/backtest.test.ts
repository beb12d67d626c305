import { readFileSync } from "node:fs";
import { openModel } from "@streamgauge/model";
import { builtFile } from "@streamgauge/testing";
import { csvFile, freshFolder, temporaryFolder } from "@streamgauge/testing/vitest";
import { DEFAULT_ALARM, loadRules } from "@streamgauge/metrics";
import { expect, test, vi } from "vitest";
import { backtest } from "./backtest.js";
import { predictHistory } from "./history.js";

vi.setConfig({ testTimeout: 240_000 });

const folder = freshFolder();
const replay = {
  alarm: DEFAULT_ALARM,
  intervalCoverage: 0.9,
  retentionMs: 7 * 86_400_000,
  rules: undefined,
  labelDelayMs: 0,
  version: "1.2.3",
};

async function historyOf(name: string, target: string) {
  return predictedBy(builtFile(`model/assets/${name}.onnx`), builtFile(`features/assets/${name}.csv`), target);
}

async function predictedBy(path: string, data: string, target: string) {
  const model = await openModel(path);
  const columns = { target, time: "time", timeZone: "UTC", id: "", textColumns: [], monitored: [], referenceRows: 1_000 };
  try {
    return await predictHistory(model, data, columns, 4_096);
  } finally {
    await model.close();
  }
}

/** The share of labels inside of what was announced, over each stretch of so many labelled rows with an interval: the least and the greatest. */
function coverages(errors: readonly number[], halfWidths: readonly number[], stretch: number): [least: number, greatest: number] {
  const held = errors.map((error, i) => Number(error <= (halfWidths[i] ?? 0)));
  const shares = Array.from({ length: held.length - stretch + 1 }, () => 0);
  let inside = 0;
  for (const [i, each] of held.entries()) {
    inside += each - (held[i - stretch] ?? 0);
    if (i + 1 >= stretch) shares[i + 1 - stretch] = inside / stretch;
  }
  return [Math.min(...shares), Math.max(...shares)];
}

// The models are fitted on the first months; what follows drifts.
test.each([
  ["air-quality", "co", 8_991, 7_344],
  ["bike-sharing", "count", 17_379, 17_379],
])(
  "of %s: intervals hold the label in 90 ± 1 %% of any 5,000 rows, and windows say the same as the rows",
  async (name, target, rows, labelled) => {
    const { history, refused } = await historyOf(name, target);
    expect([refused, history.times.length]).toEqual([0, rows]);
    const { summary, halfWidths, report } = await backtest(history, { ...replay, logsDir: folder.path });
    const scored = Array.from(history.times.keys()).filter((row) => !Number.isNaN(history.yTrue[row]) && !Number.isNaN(halfWidths[row]));
    const errors = scored.map((row) => Math.abs((history.yPred[row] ?? 0) - (history.yTrue[row] ?? 0)));
    const widths = scored.map((row) => halfWidths[row] ?? 0);
    const [least, greatest] = coverages(errors, widths, 5_000);
    expect(least).toBeGreaterThanOrEqual(0.89);
    expect(greatest).toBeLessThanOrEqual(0.91);
    const width = (2 * widths.reduce((sum, each) => sum + each, 0)) / scored.length;
    const outside = errors.reduce((sum, error, i) => sum + Math.max(0, error - (widths[i] ?? 0)), 0);
    expect(summary).toMatchObject({
      predicted: rows,
      labelled,
      interval_rows: labelled - 100,
      interval_target: 0.9,
      interval_coverage: errors.filter((error, i) => error <= (widths[i] ?? 0)).length / scored.length,
      interval_width: expect.closeTo(width, 9),
      interval_score: expect.closeTo(width + (20 * outside) / scored.length, 9),
    });
    expect(report.html).toContain("Interval coverage");
  },
);

test("the log has the rows in the order of their times, and what a label delay means is that labels come later", async () => {
  const { history } = await historyOf("air-quality", "co");
  const few = 400;
  const part = {
    ...history,
    ids: history.ids.take(Array.from({ length: few }, (_, i) => i)),
    times: history.times.slice(0, few),
    yPred: history.yPred.slice(0, few),
    yTrue: history.yTrue.slice(0, few),
  };
  const prompt = await backtest(part, { ...replay, logsDir: temporaryFolder() });
  const logsDir = temporaryFolder();
  const late = await backtest(part, { ...replay, logsDir, labelDelayMs: 48 * 3_600_000 });
  const first = (halfWidths: Float64Array) => halfWidths.findIndex((width) => !Number.isNaN(width));
  // The hundredth label is that of the 108th row: eight have none. Two days of hours later it is known.
  const hundredth = Array.from(part.yTrue.keys()).filter((row) => !Number.isNaN(part.yTrue[row]))[99] ?? 0;
  expect(first(prompt.halfWidths)).toBe(hundredth + 1);
  const seen = part.times.findIndex((time) => time > (part.times[hundredth] ?? 0) + 48 * 3_600_000);
  expect(first(late.halfWidths)).toBe(seen);
  expect(late.summary).toMatchObject({ predicted: few, labelled: part.yTrue.filter((each) => !Number.isNaN(each)).length });
  expect(late.summary?.lag_p50_s).toBeGreaterThan(86_400);
  const lines = readFileSync(`${logsDir}/metric_log.csv`, "utf8").trimEnd().split("\n");
  expect(lines[1]?.startsWith("1,2.6,")).toBe(true);
  expect(lines).toHaveLength(1 + (late.summary?.labelled ?? 0));
});

test("a history gives the same whenever it is run, but for when the report was written", async () => {
  const { history } = await predictedBy(builtFile("model/assets/diabetes.onnx"), studyWithHeavier(800, 500), "target");
  const rules = loadRules(csvFile("rules: [{name: too-wrong, kind: mae, above: 1, window: 1h}]"));
  const foundAt = async (time: number) => {
    vi.useFakeTimers({ toFake: ["Date"], now: time });
    try {
      const { report, ...found } = await backtest(history, { ...replay, rules, logsDir: temporaryFolder() });
      return { ...found, says: report.says, html: report.html.replace(`"writtenAt":${time}`, "") };
    } finally {
      vi.useRealTimers();
    }
  };
  const found = await foundAt(Date.UTC(2025, 0, 1));
  expect(await foundAt(Date.UTC(2027, 0, 1))).toEqual(found);
  // No label can come any more after seven days. The last row comes at 02:13:10.
  expect(found.says).toBe("3 windows of 1 hour; 2 mature, 1 provisional. Open it in a browser.");
  expect(new Date(found.endedAt).toISOString().slice(0, 16)).toBe("2026-01-05T02:13");
  expect(found.fired.map(({ rule, fired_at: at }) => [rule, at.slice(0, 16)])).toEqual([["too-wrong", "2026-01-05T00:05"]]);
});

/** Patients of the study, the latest first in the file; those from a time on are heavier. @param timeOf - when each came; default: one each ten seconds. */
function studyWithHeavier(rows: number, from: number, timeOf = (row: number) => Date.UTC(2026, 0, 5) + row * 10_000): string {
  const [head = "", ...lines] = readFileSync(builtFile("features/assets/diabetes.csv"), "utf8").trim().split("\n");
  const bmi = head.split(",").indexOf("bmi");
  const timed = Array.from({ length: rows }, (_, row) => {
    const cells = (lines[(row * 7) % lines.length] ?? "").split(",");
    return [timeOf(row), ...cells.with(bmi, String(Number(cells[bmi]) + (row < from ? 0 : 5)))].join(",");
  });
  return csvFile([`time,${head}`, ...timed.toReversed(), ""].join("\n"));
}

test("a model without a reference gets one of its first rows in time, and what drifts later is named", async () => {
  const path = builtFile("cli/src/drift/fixtures/without-reference.onnx");
  const { history } = await predictedBy(path, studyWithHeavier(3_960, 2_500), "target");
  expect([history.codedFrom, history.reference?.rows]).toEqual([1_000, 1_000]);
  const { firstRows, drift } = await backtest(history, { ...replay, logsDir: folder.path });
  expect(firstRows).toBe(1_000);
  expect(drift?.rows).toBe(2_960);
  const hoursOf = (name: string) => {
    const feature = drift?.features.findIndex((each) => each.name === name) ?? -1;
    return drift?.times.filter((time) => time.drifted[feature]).map(({ start }) => start.slice(11, 16));
  };
  // Row 2,500 comes at 06:56:40.
  expect(hoursOf("bmi")).toEqual(["07:00", "08:00", "09:00", "10:00"]);
  expect(hoursOf("age")).toEqual([]);
  const { history: short } = await predictedBy(path, studyWithHeavier(900, 900), "target");
  expect([short.codes, short.codedFrom, short.reference]).toEqual([undefined, undefined, undefined]);
  const { notCompared } = await backtest(short, { ...replay, logsDir: temporaryFolder() });
  expect(notCompared).toBe("900 rows are fewer than REFERENCE_ROWS (1000)");
});

test("the first rows of a model without a reference may end within a day of rows that have one time", async () => {
  const path = builtFile("cli/src/drift/fixtures/without-reference.onnx");
  const data = studyWithHeavier(1_500, 1_500, (row) => Date.UTC(2026, 0, row < 750 ? 5 : 6));
  const { history } = await predictedBy(path, data, "target");
  const { firstRows, drift, notCompared } = await backtest(history, { ...replay, logsDir: folder.path });
  expect([firstRows, drift?.rows, notCompared]).toEqual([1_000, 500, undefined]);
});

test("a row that is left out counts once, however many of its features are missing", async () => {
  const [head = "", first = "", second = "", third = ""] = readFileSync(builtFile("features/assets/diabetes.csv"), "utf8").split("\n");
  const without = (line: string, ...names: readonly string[]) =>
    line.split(",").map((cell, i) => (names.includes(head.split(",")[i] ?? "") ? "" : cell));
  const lines = [first.split(","), without(second, "bmi", "s1", "s2"), without(third, "age", "sex")];
  const data = csvFile([`time,${head}`, ...lines.map((cells, i) => [Date.UTC(2026, 0, 5 + i), ...cells].join(",")), ""].join("\n"));
  const { history, refused, reasons } = await predictedBy(builtFile("model/assets/diabetes.onnx"), data, "target");
  const missing = "the value is missing; with ALLOW_MISSING=1 it reaches the model as NaN";
  expect([history.times.length, refused]).toEqual([1, 2]);
  expect(reasons.toSorted()).toEqual([`row "2", bmi: ${missing} (and 2 more features)`, `row "3", age: ${missing} (and 1 more feature)`]);
});
