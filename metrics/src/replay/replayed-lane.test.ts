import { codedHistory } from "@streamgauge/testing";
import { temporaryFolder } from "@streamgauge/testing/vitest";
import { LanePartition } from "@streamgauge/core";
import { lanePaths } from "@streamgauge/core/metric-log";
import { expect, test } from "vitest";
import { DEFAULT_ALARM } from "../alarm/alarm-settings.js";
import { committedLane, windowProblems } from "../monitoring/recount-windows.js";
import { ReplayedLane } from "./replayed-lane.js";

test("what a replay leaves in the store is what its log gives, counted again line by line", { timeout: 120_000 }, async () => {
  const logsDir = temporaryFolder();
  const history = codedHistory(Date.UTC(2026, 0, 5));
  const options = { alarm: DEFAULT_ALARM, intervalCoverage: 0.9, retentionMs: 7 * 86_400_000, rules: undefined, labelDelayMs: 3_600_000 };
  const lane = await ReplayedLane.open(logsDir, "champion", history, options);
  await lane.run();
  const paths = lanePaths(logsDir, new LanePartition("champion"));
  const { store } = lane;
  const length = store.state()?.log.length;
  expect(store.state()?.log.lines).toBe(6_000);
  // Nothing is left in the journal.
  expect([...store.journal.list()]).toEqual([]);
  const committed = committedLane(store);
  if (committed === undefined) throw new Error("nothing is committed");
  // Rows of 24 hours, ten at a time: minutes older than a day are no longer kept.
  expect(committed.windows.filter(({ size }) => size === "1h").map(({ labelled }) => labelled)).toEqual(
    Array.from({ length: 24 }, () => 250),
  );
  expect(windowProblems(committed, paths, length)).toEqual([]);
  // Each step of ten rows was a commit of its predictions, and one of its labels an hour later.
  expect(committed.windows.find(({ size }) => size === "1d")).toMatchObject({ predicted: 6_000, labelled: 6_000 });
  await lane.close();
});
