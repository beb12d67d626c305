import type { LaneAlarm } from "@streamgauge/metrics";
import { expect, test } from "vitest";
import { laneAlarmsJson, laneAlarmsText } from "./alarms-text.js";

const FIRST: LaneAlarm = {
  number: 1,
  model: "m@1",
  raisedAt: 0,
  kind: "worse",
  row: 150,
  time: Date.UTC(2026, 10, 29, 5, 52),
  sinceRow: 101,
  sinceTime: Date.UTC(2026, 10, 29, 5, 51),
  rowsSince: 50,
  meanBefore: 1,
  meanSince: 3,
  meanSinceLow: 2,
  meanSinceHigh: 4,
  baseline: 1,
  every: 100_000,
  again: false,
};
const alarms = { models: [], count: 32, raised: [FIRST], changes: [{ ...FIRST, raisedAgain: 31 }], log: "metric_log.1of2.csv" };

test("prints when a change began, both errors, and how often the alarm was raised again", () => {
  expect(laneAlarmsText([{ partition: "champion.1of2", alarms }])).toBe(
    "\nmodel m@1 became worse at about 2026-11-29 05:51:00 UTC (row 101 of metric_log.1of2.csv): MAE 1 before, 3 since (95 % interval: 2 to 4). " +
      "Noticed at 2026-11-29 05:52:00 UTC (row 150). Raised again 31 times.\n" +
      "32 alarms since the lane began; an alarm is raised again while its change lasts.\n",
  );
});

test("JSON has the changes beside the alarms", () => {
  expect(laneAlarmsJson([{ partition: "champion", alarms }])).toMatchObject({
    count: 32,
    alarms: [{ number: 1, since_time: "2026-11-29T05:51:00.000Z" }],
    changes: [{ kind: "worse", since_row: 101, since_time: "2026-11-29T05:51:00.000Z", raised_again: 31 }],
  });
});
