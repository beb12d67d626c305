import { existsSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { SYSTEM_DISK } from "../log/append-file.js";
import { damageOf } from "../state/inspect-store.js";
import { StateStore } from "../state/state-store.js";
import { freshFolder } from "@streamgauge/testing/vitest";
import { TestLane } from "../testing/test-lane.js";

const folder = freshFolder();
const LOG = "metric_log.csv";
const HEADER = "id,y_true,y_pred,absolute_error\n";

/** A lane that has run: two rows logged, one label pending, one duplicate, one conflict, one refused row. */
async function ran(): Promise<TestLane> {
  const lane = await TestLane.open(folder);
  lane.labels(["a", 1], ["b", 2]);
  lane.predictions(["a", 1], ["b", 2]);
  lane.commit();
  lane.send(
    "y_true",
    [
      ["a", 1],
      ["b", 9],
      ["pending", 3],
    ],
    1,
  );
  lane.spill();
  expect(lane.balance("y_true")).toEqual({ received: 6, logged: 2, pending: 1, duplicates: 1, conflicts: 1, deadLettered: 1 });
  await lane.join.close();
  return lane;
}

describe("a new folder", () => {
  test("gets its files, and a committed state before the first message", async () => {
    const lane = await TestLane.open(folder);
    expect(lane.join.findings).toEqual([]);
    expect(folder.names()).toEqual([".state", "conflicts.csv", "corrections.csv", "metric_log.csv", "unmatched.csv"]);
    const look = StateStore.openReadOnly(lane.paths.state);
    expect(look.state()).toMatchObject({ log: { length: 32, lines: 0 }, unmatched: { lines: 0 }, pending: { y_true: 0, y_pred: 0 } });
    await look.close();
    await lane.join.close();
  });

  test("gets the files of its lane", async () => {
    const lane = await TestLane.open(folder);
    expect(lane.paths).toEqual({
      log: folder.at("metric_log.csv"),
      parts: folder.at(".state/metric_log.parts.json"),
      unmatched: folder.at("unmatched.csv"),
      conflicts: folder.at("conflicts.csv"),
      corrections: folder.at("corrections.csv"),
      lines: folder.at(".state/metrics.champion.lines"),
      codes: folder.at(".state/metrics.champion.codes"),
      state: folder.at(".state/metrics.champion"),
      lock: folder.at(".state/metrics.champion.lock"),
      restoring: folder.at(".state/metrics.champion.restoring"),
    });
    await lane.join.close();
  });
});

test("restores everything that was committed", async () => {
  const lane = await (await ran()).reopen(folder);
  expect(lane.join.findings).toEqual([]);
  expect(lane.balance("y_true")).toEqual({ received: 6, logged: 2, pending: 1, duplicates: 1, conflicts: 1, deadLettered: 1 });
  expect(lane.balance("y_pred")).toEqual({ received: 2, logged: 2 });
  lane.predictions(["pending", 3]);
  lane.commit();
  expect(folder.read(LOG)).toBe(`${HEADER}a,1,1,0\nb,2,2,0\npending,3,3,0\n`);
  await lane.join.close();
});

test("any number of pending halves is found by their bytes after a restart", async () => {
  let lane = await TestLane.open(folder);
  const halves = Array.from({ length: 25_000 }, (_, i) => [`größe ${i}`, i] as const);
  lane.labels(...halves);
  lane.spill();
  lane = await lane.reopen(folder);
  lane.predictions(...halves);
  lane.commit();
  expect(lane.balance("y_true")).toEqual({ received: 25_000, logged: 25_000 });
  await lane.join.close();
});

describe("a missing state", () => {
  test("leaves the log in use: its rows are the balance, and conflicts are counted from their file", async () => {
    const before = await ran();
    rmSync(before.paths.state, { recursive: true });
    const lane = await before.reopen(folder);
    expect(lane.join.findings).toEqual([expect.stringMatching(/metric_log\.csv has 2 lines but no state beside it/)]);
    expect(lane.balance("y_true")).toEqual({ received: 2, logged: 2 });
    expect(lane.join.state.conflicts.committed.lines).toBe(1);
    lane.labels(["a", 1]);
    lane.spill();
    expect(lane.balance("y_true")).toEqual({ received: 3, logged: 2, duplicates: 1 });
    await lane.join.close();
  });
});

describe("a damaged state", () => {
  test.each([
    ["cut short", (path: string) => truncateSync(path, 10_000)],
    ["overwritten", (path: string) => writeFileSync(path, Buffer.alloc(100_000, "x"))],
  ])("%s: it is set aside, the log goes on, and the process survives", async (_, damage) => {
    const before = await ran();
    damage(join(before.paths.state, "data.mdb"));
    const lane = await before.reopen(folder, { damageOf });
    expect(lane.join.findings).toEqual([
      expect.stringMatching(
        /^The state in .* cannot be read \(.+\)\. It is kept as .*set-aside.*; halves that were pending in it are lost unless it can be repaired\. The log is kept\.$/,
      ),
    ]);
    expect(readdirSync(folder.at(".state"))).toContainEqual(expect.stringMatching(/^metrics\.set-aside-20260131T1200\d\d\.champion$/));
    expect(lane.balance("y_true")).toEqual({ received: 2, logged: 2 });
    lane.labels(["a", 5], ["c", 1]);
    lane.predictions(["c", 1]);
    lane.spill();
    expect(folder.read(LOG)).toBe(`${HEADER}a,1,1,0\nb,2,2,0\nc,1,1,0\n`);
    await lane.join.close();
  });

  test("with an unreadable record is set aside too", async () => {
    const before = await ran();
    const store = StateStore.open(before.paths.state);
    const state = store.state();
    if (state === undefined) throw new Error("There is no state.");
    store.commit(() => ({
      state: Object.assign(state, { pending: {} }),
      monitor: undefined,
      tail: Buffer.alloc(0),
      generations: undefined,
    }));
    await store.close();
    const lane = await before.reopen(folder);
    expect(lane.join.findings).toEqual([
      expect.stringMatching(
        /^The state in \S+ cannot be read \(\/pending must have required properties y_true, y_pred\)\. It is kept as .*set-aside/,
      ),
    ]);
    expect(lane.join.state.log.lines).toBe(2);
    await lane.join.close();
  });
});

describe("a log that was exchanged", () => {
  test.each([
    ["deleted", () => rmSync(folder.at(LOG)), 0],
    ["replaced", () => folder.write(LOG, `${HEADER}x,1,1,0\n`), 1],
  ])("%s: its lines are counted, pending halves still wait, and the rest of the balance stays", async (_, change, lines) => {
    const before = await ran();
    change();
    const lane = await before.reopen(folder);
    expect(lane.join.findings).toEqual([
      expect.stringMatching(/is not the log that was committed/),
      expect.stringMatching(new RegExp(`lines ends at line 2, but the log at line ${lines}; it is kept as .*set-aside.*\\.lines\\.`)),
    ]);
    expect(lane.balance("y_true")).toEqual({
      received: 4 + lines,
      ...(lines === 0 ? {} : { logged: lines }),
      pending: 1,
      duplicates: 1,
      conflicts: 1,
      deadLettered: 1,
    });
    lane.labels(["a", 1]);
    lane.predictions(["a", 1], ["pending", 3]);
    lane.commit();
    expect(
      folder
        .read(LOG)
        .split("\n")
        .slice(1 + lines, -1),
    ).toEqual(["pending,3,3,0", "a,1,1,0"]);
    // From now on it is the committed log.
    const again = await lane.reopen(folder);
    expect(again.join.findings).toEqual([]);
    await again.join.close();
  });
});

test("a failed opening leaves nothing open, and the next one succeeds", async () => {
  await ran();
  const disk = {
    ...SYSTEM_DISK,
    write: () => {
      throw new Error("ENOSPC: no space left on device, write");
    },
  };
  const descriptors = () => (existsSync("/proc/self/fd") ? readdirSync("/proc/self/fd").length : 0);
  truncateSync(folder.at(LOG), 45);
  await expect(TestLane.open(folder, { disk })).rejects.toThrow("ENOSPC");
  const before = descriptors();
  for (let i = 0; i < 5; i += 1) await expect(TestLane.open(folder, { disk })).rejects.toThrow("ENOSPC");
  expect(descriptors()).toBe(before);
  const lane = await TestLane.open(folder);
  expect(folder.read(LOG)).toBe(`${HEADER}a,1,1,0\nb,2,2,0\n`);
  expect(lane.balance("y_true")).toMatchObject({ received: 6, logged: 2 });
  await lane.join.close();
});
