import { driftReport } from "@streamgauge/core";
import { codedHistory, FEATURE_REFERENCE, steadyHistory } from "@streamgauge/testing";
import { temporaryFolder } from "@streamgauge/testing/vitest";
import { expect, test } from "vitest";
import { DEFAULT_ALARM } from "../alarm/alarm-settings.js";
import { parseRules } from "../alerting/rules/read-rules.js";
import { ReplayedLane } from "../replay/replayed-lane.js";
import { LatestDrift } from "./latest-drift.js";
import { Monitor } from "./monitor.js";

const MONDAY = Date.UTC(2026, 0, 5);
const HOUR = 3_600_000;

async function replayed(history: ReturnType<typeof codedHistory>, rules: string) {
  const lane = await ReplayedLane.open(temporaryFolder(), "champion", history, {
    alarm: DEFAULT_ALARM,
    intervalCoverage: 0.9,
    retentionMs: 7 * 24 * HOUR,
    rules: parseRules(rules, "rules.yaml"),
    labelDelayMs: 0,
  });
  await lane.run();
  const monitor = Monitor.read(lane.store);
  if (monitor === undefined) throw new Error("There is no monitor.");
  return { lane, monitor };
}

test("a rule fires for what drifts, and the figures are those of the report on the same hours", { timeout: 120_000 }, async () => {
  const { lane, monitor } = await replayed(
    codedHistory(MONDAY),
    "rules: [{name: moved, kind: drift, least_rows: 1000}, {name: bmi-moved, kind: drift, features: [bmi]}]",
  );
  expect(lane.alerts.map(({ rule, state, model }) => [rule, state, model])).toEqual([["moved", "firing", "m@1"]]);
  expect(lane.alerts[0]?.summary).toMatch(/^Drifted over 1d: y_pred \(PSI \d\.\d+\)(, city \(PSI 0\.1\d*\))?\.$/);
  const drift = new LatestDrift(monitor, () => 0);
  for (const hours of [24, 6, 1]) {
    const keys = monitor.features.keys(MONDAY + (24 - hours) * HOUR);
    const report = driftReport(
      FEATURE_REFERENCE,
      keys.flatMap((key) => monitor.features.saved(key) ?? []),
    );
    const figures = drift.over(hours * HOUR, undefined);
    expect([keys.length, figures?.rows, report?.total.rows]).toEqual([hours, 250 * hours, 250 * hours]);
    expect(report?.total.features).toMatchObject(figures?.features ?? []);
    expect(drift.over(hours * HOUR, "m@1")).toEqual(figures);
  }
  expect(drift.over(24 * HOUR, "m@2")).toBeUndefined();
  // Rows of several partitions are those of one.
  const counted = drift.since(MONDAY, "m@1");
  if (counted === undefined) throw new Error("There are no rows.");
  const third = { layout: counted.layout, hours: 24, rows: 2000, bins: counted.bins.map((rows) => Math.floor(rows / 3)) };
  const others = { layout: counted.layout, hours: 23, rows: 4000, bins: counted.bins.map((rows) => rows - Math.floor(rows / 3)) };
  const ofAnotherLayout = { ...others, layout: "0cba33ef67f1 n23 y23" };
  expect(drift.driftOf([third, others, ofAnotherLayout], "m@1")).toEqual(drift.over(24 * HOUR, "m@1"));
  expect(drift.driftOf([], "m@1")).toBeUndefined();
  await lane.close();
});

test("no rule fires for a day like the reference", { timeout: 120_000 }, async () => {
  const { lane, monitor } = await replayed(steadyHistory(MONDAY), "rules: [{name: moved, kind: drift}]");
  expect(lane.alerts).toEqual([]);
  const figures = new LatestDrift(monitor, () => 0).over(24 * HOUR, undefined);
  expect([figures?.rows, figures?.features.map(({ name, drifted }) => [name, drifted])]).toEqual([
    6000,
    [
      ["bmi", false],
      ["city", false],
      ["y_pred", false],
    ],
  ]);
  await lane.close();
});
