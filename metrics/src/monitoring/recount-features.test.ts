import { rmSync, truncateSync } from "node:fs";
import { layoutOf, type SavedFeatureWindow } from "@streamgauge/core";
import { partFilesOf } from "@streamgauge/core/metric-log";
import { FEATURE_REFERENCE } from "@streamgauge/testing";
import { freshFolder } from "@streamgauge/testing/vitest";
import { expect, test } from "vitest";
import { RETENTION_MS, TestLane } from "../testing/test-lane.js";
import { committedLane, windowProblems } from "./recount-windows.js";

const folder = freshFolder();
const LAYOUT = layoutOf(FEATURE_REFERENCE);
const NOON = Date.UTC(2026, 0, 31, 12);
const HOUR = 3_600_000;

function problemsOf({ join, paths }: TestLane): string[] {
  const lane = committedLane(join.state.store);
  return lane === undefined ? ["There are no windows."] : windowProblems(lane, paths);
}

/** Rows with these codes are predicted, and labelled with 0. */
function logRows(lane: TestLane, row: readonly number[], eventTime: number, ...halves: readonly (readonly [string, number])[]): void {
  predict(lane, row, eventTime, ...halves);
  lane.labels(...halves.map(([id]) => [id, 0] as const));
  lane.commit();
}

function predict(lane: TestLane, row: readonly number[], eventTime: number, ...halves: readonly (readonly [string, number])[]): void {
  lane.codes = { layout: LAYOUT, row };
  lane.send("y_pred", halves, 0, eventTime);
}

/** Changes the stored window of an hour. */
function change({ join, clock }: TestLane, start: number, by: (window: SavedFeatureWindow) => SavedFeatureWindow): void {
  const { store, monitor } = join.state;
  const [key] = monitor.features.keys(start, start + 1);
  const window = key === undefined ? undefined : store.features.window(key);
  if (key === undefined || window === undefined) throw new Error(`No window is stored at ${clock.now()}.`);
  store.features.putWindow(key, by(window));
}

/** Other rows in the bins of the first feature. */
function withBins(
  window: SavedFeatureWindow,
  bins: (all: SavedFeatureWindow["columns"][number]["bins"]) => typeof all,
): SavedFeatureWindow {
  return { ...window, columns: window.columns.map((column, i) => (i === 0 ? { ...column, bins: bins(column.bins) } : column)) };
}

/** Two rows of bmi in bin 5 and one in bin 6, whose windows are stored. */
async function storedLane(): Promise<TestLane> {
  const lane = await TestLane.open(folder);
  lane.join.state.monitor.references.learn(FEATURE_REFERENCE);
  logRows(lane, [5, 3, 2], NOON, ["a", 1], ["b", 2]);
  logRows(lane, [6, 3, 2], NOON, ["c", 4]);
  lane.spill();
  expect(problemsOf(lane)).toEqual([]);
  return lane;
}

test("hours of logged, corrected, waiting and expired rows follow from the log, from files and from the journal", async () => {
  const lane = await storedLane();
  predict(lane, [7, 4, 3], NOON, ["in vain", 1]);
  lane.spill();
  lane.clock.advance(RETENTION_MS + 2_000);
  expect(lane.balance("y_pred")).toEqual({ received: 4, logged: 3, unmatched: 1 });
  predict(lane, [8, 5, 4], NOON, ["waits", 1]);
  lane.spill();
  lane.corrections(1_000, ["b", 7]);
  lane.commit();
  logRows(lane, [9, 3, 2], NOON + HOUR, ["d", 4]);
  expect(problemsOf(lane)).toEqual([]);
  const again = await lane.reopen(folder);
  logRows(again, [9, 3, 2], NOON + HOUR, ["e", 4]);
  expect(problemsOf(again)).toEqual([]);
  await again.join.close();
});

test("a count of another number of rows is named by hour, feature and bin", async () => {
  const lane = await storedLane();
  change(lane, NOON, (window) =>
    withBins(window, ([first, ...others]) => [...(first === undefined ? [] : [{ ...first, predicted: 3 }]), ...others]),
  );
  expect(problemsOf(lane)).toEqual([
    "The hour from 2026-01-31T12:00:00.000Z of linear 1, feature bmi, bin 5: 3 predicted rows, by the log 2.",
  ]);
  await lane.join.close();
});

test("labels and sums of a bin that differ are named with their values", async () => {
  const lane = await storedLane();
  const sums = ["3p0", "7p-1", "5p0"];
  change(lane, NOON, (window) => withBins(window, (bins) => bins.map((bin) => (bin.bin === 5 ? { ...bin, labelled: 1, sums } : bin))));
  expect(problemsOf(lane)).toEqual([
    "The hour from 2026-01-31T12:00:00.000Z of linear 1, feature bmi, bin 5: 1 labelled rows, by the log 2; Σ|e| 3.5, by the log 3.",
  ]);
  await lane.join.close();
});

test("a prediction whose label came too late may be in any bin, but in one of each feature", async () => {
  const lane = await storedLane();
  predict(lane, [7, 4, 3], NOON, ["in vain", 1]);
  lane.spill();
  lane.clock.advance(RETENTION_MS + 2_000);
  change(lane, NOON, (window) => withBins(window, (bins) => bins.filter(({ bin }) => bin !== 7)));
  expect(problemsOf(lane)).toEqual([
    "The hour from 2026-01-31T12:00:00.000Z of linear 1, feature bmi: its bins have 3 predicted rows, the hour 4.",
  ]);
  change(lane, NOON, (window) => withBins(window, (bins) => bins.map((bin) => (bin.bin === 6 ? { ...bin, predicted: 3 } : bin))));
  expect(problemsOf(lane)).toEqual([
    "The hour from 2026-01-31T12:00:00.000Z of linear 1, feature bmi, bin 6: 3 predicted rows, by the log 1, and at most 1 that got no label in time.",
  ]);
  await lane.join.close();
});

test("an hour that the state does not have is named", async () => {
  const lane = await storedLane();
  logRows(lane, [9, 3, 2], NOON + HOUR, ["d", 4]);
  lane.spill();
  lane.join.state.store.features.removeWindowsBefore(NOON + HOUR);
  expect(problemsOf(lane)[0]).toBe("The hour from 2026-01-31T12:00:00.000Z of linear 1: 0 predicted rows, by the log 3.");
  await lane.join.close();
});

test("a pair of features that differs is named by the groups of its bins", async () => {
  const lane = await TestLane.open(folder);
  lane.join.state.monitor.references.learn(FEATURE_REFERENCE);
  // One id in ten is counted in pairs.
  for (let i = 0; i < 40; i += 1) logRows(lane, [5, 3, 2], NOON, [`r${i}`, 1]);
  lane.spill();
  expect(problemsOf(lane)).toEqual([]);
  change(lane, NOON, (window) => ({ ...window, pairs: [] }));
  expect(problemsOf(lane)).toEqual([
    expect.stringMatching(
      /^The hour from 2026-01-31T12:00:00\.000Z of linear 1, features bmi and city, groups of bins 2 and 2: 0 labelled rows, by the log (\d+); Σe 0, by the log \1; /,
    ),
  ]);
  await lane.join.close();
});

test("hours with lines of a deleted part cannot be counted again, the others are", async () => {
  const lane = await TestLane.open(folder, { rotation: { kind: "size", bytes: 52 } });
  lane.join.state.monitor.references.learn(FEATURE_REFERENCE);
  for (const [i, id] of ["aa", "bb", "cc"].entries()) logRows(lane, [5, 3, 2], NOON + i * HOUR, [id, 30]);
  lane.spill();
  expect(problemsOf(lane)).toEqual([]);
  rmSync(partFilesOf(lane.paths.log)[0]?.path ?? "");
  for (const i of [0, 1, 2])
    change(lane, NOON + i * HOUR, (window) => withBins(window, (bins) => bins.map((bin) => ({ ...bin, predicted: 2 }))));
  expect(problemsOf(lane)).toEqual([
    "The hour from 2026-01-31T13:00:00.000Z of linear 1, feature bmi, bin 5: 2 predicted rows, by the log 1.",
    "The hour from 2026-01-31T14:00:00.000Z of linear 1, feature bmi, bin 5: 2 predicted rows, by the log 1.",
  ]);
  await lane.join.close();
});

test("a file of codes that is cut is named, and hours whose codes are lost are left out after a start", async () => {
  const lane = await storedLane();
  const { codes } = lane.paths;
  await lane.join.close();
  truncateSync(codes, 38);
  const read = await TestLane.open(folder, { clock: lane.clock });
  logRows(read, [9, 3, 2], NOON + HOUR, ["d", 4]);
  read.spill();
  expect(problemsOf(read)).toEqual([]);
  truncateSync(codes, 33);
  // 32 bytes of the beginning, and three codes of the line.
  expect(problemsOf(read)).toEqual([
    `${codes} cannot be read: it has 33 bytes or another beginning; 35 bytes are committed. The hours of features cannot be counted again.`,
  ]);
  await read.join.close();
});
