import { METRICS } from "@streamgauge/core";
import { describe, expect, test } from "vitest";
import { hours, MONDAY, reportAlarm, reportContent } from "../../testing/report-content.js";
import { changesOf } from "./alarm-changes.js";
import { changeText, durationName, emptyText, factsOf, rangeText, windowsText } from "./facts.js";
import { meanings } from "./meanings.js";
import { reportTables } from "./report-tables.js";
import { reportTiles } from "./report-tiles.js";

const HOUR = 3_600_000;
/** Of two rows with errors of 3 and −1, and two without a label. */
const ONE = [{ size: "1h" as const, start: MONDAY, errors: [3, -1], unlabelled: 2 }];

const tableOf = (content: Parameters<typeof reportTables>[0], id: string) => reportTables(content).find((table) => table.id === id);

describe("the facts of a report", () => {
  test("name lane, versions, range, windows, and who wrote it when", () => {
    expect(factsOf(reportContent(hours(40)))).toEqual([
      ["Lane", "champion"],
      ["Model versions", "m@1, m@2"],
      ["Range (UTC)", "2026-01-05 00:00 to 2026-01-06 16:00"],
      ["Windows", "40 windows of 1 hour; 40 final"],
      ["Written", "2026-01-20 00:00:00 UTC by streamgauge 1.2.3"],
    ]);
  });

  test("say which figures are of the version that was asked for", () => {
    expect(factsOf(reportContent(hours(4), { model: "m@2" }))[2]).toEqual([
      "Of these",
      "MAE, RMSE and bias over time are of m@2; all other figures are of all versions",
    ]);
    expect(factsOf(reportContent(hours(4), { model: "m@9" }))[2]).toEqual(["Of these", "no row of m@9 has a label in this range"]);
  });

  test("say that windows were merged, and why", () => {
    expect(windowsText(reportContent(hours(3), { size: "1m", count: 180 }))).toBe(
      "3 windows of 1 hour, merged from 180 of 1 minute: more do not fit into a report of 1 MB; 3 final",
    );
  });

  test.each([
    [300_000, "5 minutes"],
    [3_600_000, "1 hour"],
    [43_200_000, "12 hours"],
    [86_400_000, "1 day"],
    [604_800_000, "7 days"],
  ])("%d ms are %s", (ms, text) => {
    expect(durationName(ms)).toBe(text);
  });

  test("say what to do if there are no windows", () => {
    expect(emptyText(reportContent([]))).toBe("Lane champion has no windows of 1 hour yet.");
    expect(emptyText(reportContent([], { kept: { from: MONDAY, to: MONDAY + HOUR } }))).toBe(
      "The range has no windows. Lane champion has windows of 1 hour from 2026-01-05 00:00 to 2026-01-05 01:00 UTC: choose --from and --to there.",
    );
    expect(rangeText(reportContent([]))).toBe("all times");
    expect(rangeText(reportContent([], { from: MONDAY }))).toBe("from 2026-01-05 00:00 on");
    expect(rangeText(reportContent([], { to: MONDAY }))).toBe("before 2026-01-05 00:00");
    expect(rangeText(reportContent([], { from: MONDAY, to: MONDAY + HOUR }))).toBe("2026-01-05 00:00 to 2026-01-05 01:00");
  });
});

test.each([
  [2, 5, "+150 %"],
  [5, 2, "−60 %"],
  [2, 2, "±0 %"],
  [0, 2, "–"],
  [null, 2, "–"],
  [2, null, "–"],
])("a change from %s to %s is %s", (before, since, text) => {
  expect(changeText(before, since)).toBe(text);
});

describe("the changes of alarms", () => {
  const again = (more = {}) => reportAlarm({ again: true, ...more });

  test("count those that were raised while one was on", () => {
    const changes = changesOf([reportAlarm(), again(), again({ model: "m@3" }), again(), reportAlarm({ row: 9 })]);
    expect(changes.map(({ model, row, repeats }) => [model, row, repeats])).toEqual([
      ["m@2", 1_500, 2],
      ["m@3", 1_500, 0],
      ["m@2", 9, 0],
    ]);
  });

  test("of a partition are apart from those of others", () => {
    const [one, other] = [{ log: "metric_log.1of2.csv" }, { log: "metric_log.2of2.csv" }];
    const changes = changesOf([reportAlarm(one), reportAlarm(other), again(one), again(one)]);
    expect(changes.map(({ log, repeats }) => [log, repeats])).toEqual([
      ["metric_log.1of2.csv", 2],
      ["metric_log.2of2.csv", 0],
    ]);
  });

  test("of a kind and a model are apart from others", () => {
    expect(changesOf([reportAlarm(), again({ kind: "better" })]).map(({ kind, repeats }) => [kind, repeats])).toEqual([
      ["worse", 0],
      ["better", 0],
    ]);
  });
});

describe("the tiles of a report", () => {
  test("have every metric, coverage, lag and alarms", () => {
    const tiles = reportTiles(reportContent(ONE, { alarms: [reportAlarm({ time: MONDAY })] }));
    expect(tiles.map(({ title, value }) => [title, value])).toEqual([
      ["MAE", "2"],
      ["Estimated MAE", "2"],
      ["RMSE", "2.2361"],
      ["R²", "0"],
      ["Bias", "1"],
      ["p50", "2.005"],
      ["p95", "2.905"],
      ["p99", "2.985"],
      ["Max error", "3"],
      ["Coverage", "50.0 %"],
      ["Label lag", "1.3 s"],
      ["Alarms", "1"],
    ]);
    expect(tiles.at(-1)?.note).toBe("the last: error is worse since 2026-01-06 05:30");
    expect(tiles).toHaveLength(METRICS.length + 4);
  });

  test("begin with the version that was asked for", () => {
    const tiles = reportTiles(reportContent(hours(4), { model: "m@2" }));
    expect(tiles.slice(0, 2).map(({ title, value, note }) => [title, value, note])).toEqual([
      ["MAE of m@2", "5.5", "6 labelled rows"],
      ["RMSE of m@2", "5.5528", ""],
    ]);
  });

  test("are none of no windows", () => {
    expect(reportTiles(reportContent([]))).toEqual([]);
  });
});

describe("the tables of a report", () => {
  test("have all figures of each window", () => {
    const content = reportContent(ONE);
    expect(tableOf(content, "errors")).toMatchObject({
      columns: ["Start (UTC)", "State", "Labelled", "MAE", "RMSE", "R²", "Bias", "p50", "p95", "p99", "Max error"],
      rows: [["2026-01-05 00:00", "final", "2", "2", "2.2361", "0", "1", "2.005", "2.905", "2.985", "3"]],
    });
    expect(tableOf(content, "labels")).toMatchObject({
      columns: [
        "Start (UTC)",
        "Revision",
        "Predicted",
        "Labelled",
        "Corrected",
        "Coverage",
        "Estimated MAE (95 %)",
        "From reference",
        "Lag p50",
        "Lag p95",
        "Alarms",
      ],
      rows: [["2026-01-05 00:00", "1", "4", "2", "0", "50.0 %", "2 (0.040036 to 3.96)", "0.0 %", "1.3 s", "1.3 s", "0"]],
    });
  });

  test("have the versions with what they are compared with", () => {
    const reference = { source: "logged", rows: 1_000, mean: 4.5 };
    const content = reportContent(hours(4), { references: [{ model: "m@2", state: "ok", baseline: 4.9, reference }] });
    expect(tableOf(content, "versions")?.rows).toEqual([
      ["m@1", "6", "5.3333", "5.3852", "0", "1.6667", "2026-01-05 00:00", "2026-01-05 02:00", "–", "–"],
      ["m@2", "6", "5.5", "5.5528", "0", "1.8333", "2026-01-05 02:00", "2026-01-05 04:00", "4.5 of 1,000 logged rows", "4.9"],
    ]);
  });

  test("have alarms with the size of the change, and say how many are left out", () => {
    const table = tableOf(reportContent(hours(40), { alarms: [reportAlarm()], alarmCount: 8 }), "alarms");
    expect(table?.note).toBe("Each change of the mean error that was noticed in the range. 7 earlier alarms of the range are left out.");
    expect(table?.rows).toEqual([
      ["2026-01-06 06:00", "worse", "m@2", "1,500", "2026-01-06 05:30", "1,400", "2", "5 (4 to 6.5)", "+150 %", "0"],
    ]);
  });
});

test("every metric is explained with its formula", () => {
  const said = meanings(reportContent([]).metrics);
  expect(said.slice(0, 3)).toEqual([
    ["e, n", "e = prediction − truth of a row that has a label; n is the number of such rows."],
    ["MAE", "Σ|e| / n. Mean absolute error."],
    ["RMSE", "√(Σe² / n). Root of the mean squared error."],
  ]);
  expect(METRICS.every(({ title }) => said.some(([name]) => name === title))).toBe(true);
});
