import { LanePartition } from "@streamgauge/core";
import { lanePaths } from "@streamgauge/core/metric-log";
import { freshFolder, type FreshFolder } from "@streamgauge/testing/vitest";
import { afterEach, expect, test, vi } from "vitest";
import { DEFAULT_ALARM } from "../alarm/alarm-settings.js";
import { CommitCycle } from "../join/commit-cycle.js";
import { RecordFile } from "../log/record-file.js";
import { StateStore } from "../state/state-store.js";
import { RETENTION_MS, TestLane } from "../testing/test-lane.js";
import { DividedLane } from "./divided-lane.js";

const folder = freshFolder();
const LANE = "champion";

afterEach(() => {
  vi.restoreAllMocks();
});

/** Divides the lane of the folder, which has one partition. @returns the states of the new ones. */
async function divide({ to = 2, lines = 0, retentionMs = RETENTION_MS } = {}) {
  const { paths, store } = openPartition(folder, 1, 1);
  // The index of a lane in production takes 128 MiB.
  const options = { logsDir: folder.path, lane: LANE, to, lines, retentionMs, generationIds: 1_000 };
  const divided = await DividedLane.open({ ...options, alarm: DEFAULT_ALARM, intervalCoverage: 0.9 });
  await divided.takeAll([{ paths, store }]);
  const { unsettled } = divided;
  await divided.close();
  await store.close();
  const states = LanePartition.all(LANE, to).map(({ index }) => openPartition(folder, index, to).store);
  const all = states.map((each) => ({ state: each.state(), stored: { y_true: each.count("y_true"), y_pred: each.count("y_pred") } }));
  for (const each of states) await each.close();
  return { unsettled, all };
}

function openPartition({ path }: FreshFolder, index: number, of: number) {
  const paths = lanePaths(path, new LanePartition(LANE, index, of));
  return { paths, store: StateStore.openReadOnly(paths.state) };
}

function sumOf<T>(all: readonly T[], count: (one: T) => number | undefined): number {
  return all.reduce((sum, one) => sum + (count(one) ?? 0), 0);
}

test("halves that wait are handed in as commits take them, however many there are", async () => {
  const lane = await TestLane.open(folder);
  const count = 30_000;
  lane.predictions(...Array.from({ length: count }, (_, i) => [`row-${i}`, i] as const));
  lane.spill();
  await lane.join.close();
  // oxlint-disable-next-line typescript/unbound-method -- it is called with its object below
  const { receive } = CommitCycle.prototype;
  let most = 0;
  vi.spyOn(CommitCycle.prototype, "receive").mockImplementation(function (this: CommitCycle, frame) {
    receive.call(this, frame);
    most = Math.max(most, this.untaken);
  });
  const { unsettled, all } = await divide();
  expect(most).toBeLessThan(10_000);
  expect(unsettled).toBe(0);
  expect(sumOf(all, ({ stored }) => stored.y_pred)).toBe(count);
  expect(sumOf(all, ({ state }) => state?.pending.y_pred)).toBe(count);
});

test("a correction of an early line of a long log stays applied", async () => {
  const lane = await TestLane.open(folder);
  const ids = Array.from({ length: 20_000 }, (_, i) => [`row-${i}`, 1] as const);
  lane.labels(...ids);
  lane.predictions(...ids);
  lane.spill();
  lane.corrections(lane.clock.now(), ["row-0", 2], ["row-1", 3]);
  lane.spill();
  expect(lane.correctionBalance).toEqual({ received: 2, applied: 2 });
  await lane.join.close();
  const { all } = await divide({ lines: ids.length });
  expect(sumOf(all, ({ state }) => state?.correctionBalance.applied)).toBe(2);
  expect(sumOf(all, ({ state }) => state?.waitingCorrections)).toBe(0);
});

test("records of halves without a partner are written as they are read", async () => {
  const lane = await TestLane.open(folder);
  const labels = Array.from({ length: 20_000 }, (_, i) => [`row-${i}`, i] as const);
  lane.labels(...labels);
  lane.spill();
  lane.clock.advance(RETENTION_MS + 1);
  lane.commit();
  await lane.join.close();
  // oxlint-disable-next-line typescript/unbound-method -- it is called with its object below
  const { write } = RecordFile.prototype;
  const written: number[] = [];
  vi.spyOn(RecordFile.prototype, "write").mockImplementation(function (this: RecordFile) {
    const before = this.committed.length;
    write.call(this);
    written.push(this.committed.length - before);
  });
  const { all } = await divide();
  expect(sumOf(all, ({ state }) => state?.unmatched.lines)).toBe(labels.length);
  expect(Math.max(...written)).toBeLessThan(100_000);
});
