import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { correctedValues } from "@streamgauge/core";
import { windowJson } from "@streamgauge/core/windows";
import { freshFolder } from "@streamgauge/testing/vitest";
import { describe, expect, test } from "vitest";
import { committedLane, windowProblems } from "../monitoring/recount-windows.js";
import { RETENTION_MS, TestLane } from "../testing/test-lane.js";

const folder = freshFolder();
/** The clock of a lane begins then. */
const NOON = Date.UTC(2026, 0, 31, 12);
const TWELVE = "2026-01-31T12:00:00.000Z";

/** The records of a file beside the log, without its header. */
function records(name: string): string[] {
  return folder.read(name).split("\n").slice(1, -1);
}

/** Logs a row that happened at noon. */
function logRow(lane: TestLane, id: string, yTrue: number, yPred: number): void {
  lane.send("y_pred", [[id, yPred]], 0, NOON);
  lane.labels([id, yTrue]);
  lane.commit();
}

/** MAE, bias and largest error of the minute of noon, and its labelled rows. */
function noon({ join, clock }: TestLane) {
  const [window] = join.state.monitor.windows.range("1m", NOON, NOON + 1);
  if (window === undefined) return undefined;
  const { mae, bias, max_error: largest, labelled, corrected } = windowJson(window, [], clock.now());
  return { mae, bias, largest, labelled, corrected };
}

/** What a recount from the log finds wrong with the windows. */
function problemsOf({ join, paths }: TestLane): string[] {
  const lane = committedLane(join.state.store);
  if (lane === undefined) return ["There are no windows."];
  return windowProblems(lane, paths);
}

/** The overall MAE as it was known then, and as corrected. */
function overall({ join: { state } }: TestLane) {
  const all = state.log.statistics;
  const { replaced, replacing } = state.corrections.statistics;
  const corrected = correctedValues({ all: all.save(), replaced: replaced.save(), replacing: replacing.save() });
  return [all.values().mae, corrected.mae];
}

describe("a correction of a logged label", () => {
  test("leaves the log, restates the window and the figures, and has a record", async () => {
    const lane = await TestLane.open(folder);
    logRow(lane, "a", 3, 1);
    logRow(lane, "b", 60, 10);
    const sent = lane.corrections(NOON + 1, ["b", 6]);
    lane.commit();
    expect(sent.outcome).toEqual({ kind: "done" });
    expect(records("metric_log.csv")).toEqual(["a,3,1,2", "b,60,10,50"]);
    expect(records("corrections.csv")).toEqual(["b,60,6,2026-01-31T12:00:00.001Z,ann"]);
    expect(noon(lane)).toEqual({ mae: 3, bias: 1, largest: 4, labelled: 2, corrected: 1 });
    expect(overall(lane)).toEqual([26, 3]);
    expect(lane.correctionBalance).toEqual({ received: 1, applied: 1 });
    expect(lane.balance("y_true")).toEqual({ received: 2, logged: 2 });
    expect(lane.commits.at(-1)).toMatchObject({ logged: 0, corrected: 1 });
    expect(problemsOf(lane)).toEqual([]);
    await lane.join.close();
  });

  // The label of 90 is in force for a time, or it comes when the later one of 5 is in force already.
  test.each([
    ["in their order", [10, 20, 30]],
    ["backwards", [30, 20, 10]],
  ])("ranks its row by the largest error of any label, when they come %s", async (_, order) => {
    const values: Readonly<Record<number, number>> = { 10: 4, 20: 90, 30: 5 };
    const worst = ({ join }: TestLane) =>
      [...join.state.monitor.windows.range("1h", -Infinity, Infinity)].flatMap((window) =>
        window.worst.map(({ id, line, first, yTrue, yPred, peak }) => [id, line, first, yTrue, yPred, peak]),
      );
    const expected = [
      ["a", 0, 3, 5, 1, 89],
      ["b", 1, 60, 60, 10, 50],
    ];
    const lane = await TestLane.open(folder);
    logRow(lane, "a", 3, 1);
    logRow(lane, "b", 60, 10);
    for (const at of order) {
      lane.corrections(NOON + at, ["a", values[at] ?? 0]);
      lane.commit();
    }
    expect([worst(lane), problemsOf(lane)]).toEqual([expected, []]);
    await lane.join.close();
    const again = await TestLane.open(folder);
    expect([worst(again), problemsOf(again)]).toEqual([expected, []]);
    await again.join.close();
  });

  test("raises the revision of its windows", async () => {
    const lane = await TestLane.open(folder);
    logRow(lane, "a", 3, 1);
    const revision = () => [...lane.join.state.monitor.windows.range("1d", -Infinity, Infinity)].map((window) => window.revision);
    expect(revision()).toEqual([1]);
    lane.corrections(NOON, ["a", 2]);
    lane.commit();
    expect(revision()).toEqual([2]);
    await lane.join.close();
  });

  test("is settled once, however often and in whatever order it comes", async () => {
    const lane = await TestLane.open(folder);
    logRow(lane, "a", 3, 1);
    for (const [at, value] of [
      [20, 5],
      [20, 5],
      [10, 4],
      [10, 4],
      [30, 5],
      [40, 7],
    ] as const) {
      lane.corrections(NOON + at, ["a", value]);
      lane.commit();
    }
    expect(records("corrections.csv")).toEqual(["a,3,5,2026-01-31T12:00:00.020Z,ann", "a,5,7,2026-01-31T12:00:00.040Z,ann"]);
    expect(records("conflicts.csv").map((record) => record.split(",").slice(0, 4))).toEqual([["a", "correction", "5", "4"]]);
    expect(lane.correctionBalance).toEqual({ received: 6, applied: 2, duplicates: 3, conflicts: 1 });
    expect([noon(lane)?.mae, overall(lane)]).toEqual([6, [2, 6]]);
    expect(problemsOf(lane)).toEqual([]);
    await lane.join.close();
  });

  test("and rows logged before, between and after are counted again in that order", async () => {
    let lane = await TestLane.open(folder);
    for (let i = 0; i < 12; i += 1) {
      logRow(lane, `r${i}`, 0.1 * i, 1 / 3 - i);
      if (i % 3 === 2) lane.corrections(NOON + i, [`r${i}`, 1e9 / (i + 1)], [`r${i - 2}`, 0.7 * i]);
      lane.commit();
      if (i % 4 === 3) lane = await lane.reopen(folder);
    }
    lane.corrections(NOON + 100, ["r2", 0.2], ["r5", 0.5]);
    // Stores the windows.
    lane.clock.advance(1_005);
    expect(problemsOf(lane)).toEqual([]);
    lane = await lane.reopen(folder);
    expect(problemsOf(lane)).toEqual([]);
    expect(lane.correctionBalance).toEqual({ received: 10, applied: 10 });
    await lane.join.close();
  });

  test("makes a label that says the same a duplicate, and another one stays a conflict", async () => {
    const lane = await TestLane.open(folder);
    logRow(lane, "a", 3, 1);
    lane.corrections(NOON, ["a", 5]);
    lane.labels(["a", 5]);
    lane.labels(["a", 3]);
    lane.labels(["a", 4]);
    lane.spill();
    expect(lane.balance("y_true")).toEqual({ received: 4, logged: 1, duplicates: 2, conflicts: 1 });
    expect(records("conflicts.csv").map((record) => record.split(",").slice(0, 4))).toEqual([["a", "y_true", "3", "4"]]);
    await lane.join.close();
  });

  test("of a line without a record changes the overall figures only, and is counted", async () => {
    let lane = await TestLane.open(folder);
    logRow(lane, "a", 3, 1);
    await lane.join.close();
    rmSync(lane.paths.state, { recursive: true });
    lane = await TestLane.open(folder, { clock: lane.clock });
    lane.corrections(NOON, ["a", 6]);
    lane.commit();
    expect(overall(lane)).toEqual([2, 5]);
    expect(lane.correctionBalance).toEqual({ received: 1, applied: 1, notRestated: 1 });
    expect([noon(lane), problemsOf(lane)]).toEqual([undefined, []]);
    await lane.join.close();
  });
});

describe("a correction of a label that is not logged", () => {
  test("is no label; it waits, across a restart, and is settled behind the line in the same commit", async () => {
    let lane = await TestLane.open(folder);
    lane.corrections(NOON + 2, ["a", 5]);
    lane.send("y_pred", [["a", 1]], 0, NOON);
    lane.spill();
    expect([lane.correctionBalance, lane.balance("y_pred")]).toEqual([
      { received: 1, waiting: 1 },
      { received: 1, pending: 1 },
    ]);
    lane = await lane.reopen(folder);
    lane.corrections(NOON + 2, ["a", 5]);
    lane.corrections(NOON + 1, ["a", 4]);
    lane.commit();
    expect(lane.correctionBalance).toEqual({ received: 3, duplicates: 1, waiting: 2 });
    lane.labels(["a", 3]);
    lane.commit();
    expect(records("metric_log.csv")).toEqual(["a,3,1,2"]);
    expect(records("corrections.csv")).toEqual(["a,3,4,2026-01-31T12:00:00.001Z,ann", "a,4,5,2026-01-31T12:00:00.002Z,ann"]);
    expect(lane.correctionBalance).toEqual({ received: 3, applied: 2, duplicates: 1 });
    expect([noon(lane)?.mae, overall(lane), problemsOf(lane)]).toEqual([4, [2, 4], []]);
    await lane.join.close();
  });

  test("is settled whichever way the pair meets", async () => {
    const lane = await TestLane.open(folder);
    lane.corrections(NOON, ["twin", 5], ["row", 5], ["none", 5]);
    lane.send("y_pred", [["twin", 1]], 0, NOON);
    lane.send(
      "y_pred",
      [
        ["x", 0],
        ["row", 1],
      ],
      0,
      NOON,
    );
    lane.labels(["twin", 3]);
    lane.labels(["row", 4], ["y", 0]);
    lane.commit();
    expect(records("corrections.csv")).toEqual([`twin,3,5,${TWELVE},ann`, `row,4,5,${TWELVE},ann`]);
    expect(lane.correctionBalance).toEqual({ received: 3, applied: 2, waiting: 1 });
    expect([noon(lane), problemsOf(lane)]).toEqual([{ mae: 4, bias: -4, largest: 4, labelled: 2, corrected: 2 }, []]);
    await lane.join.close();
  });

  test("goes to unmatched.csv after the retention, counted from the last correction of its id", async () => {
    const lane = await TestLane.open(folder);
    lane.corrections(NOON, ["a", 5]);
    lane.commit();
    lane.clock.advance(RETENTION_MS / 2);
    lane.corrections(NOON + 1, ["a", 6]);
    lane.clock.advance(RETENTION_MS / 2 + 1_000);
    expect(lane.correctionBalance).toEqual({ received: 2, waiting: 2 });
    lane.clock.advance(RETENTION_MS / 2);
    expect(lane.correctionBalance).toEqual({ received: 2, unmatched: 2 });
    const reason = "no label to correct was logged within 60000 ms";
    const at = "2026-01-31T12:00:30.005Z";
    expect(records("unmatched.csv")).toEqual([`a,correction,5,,${at},${reason}`, `a,correction,6,,${at},${reason}`]);
    expect(lane.clock.nextIn).toBeUndefined();
    logRow(lane, "a", 3, 1);
    expect(noon(lane)?.mae).toBe(2);
    await lane.join.close();
  });

  test("of which one id has more than 64 is refused, the first made of them", async () => {
    const lane = await TestLane.open(folder);
    for (let i = 0; i < 66; i += 1) lane.corrections(NOON + i, ["a", i]);
    lane.commit();
    expect(lane.correctionBalance).toEqual({ received: 66, conflicts: 2, waiting: 64 });
    expect(records("conflicts.csv").map((record) => record.split(",").slice(0, 4))).toEqual([
      ["a", "correction", "64", "0"],
      ["a", "correction", "65", "1"],
    ]);
    logRow(lane, "a", 100, 1);
    expect([noon(lane)?.mae, lane.correctionBalance]).toEqual([64, { received: 66, applied: 64, conflicts: 2 }]);
    await lane.join.close();
  });
});

describe("what is known of corrections", () => {
  test("is read from corrections.csv if the state was lost", async () => {
    let lane = await TestLane.open(folder);
    logRow(lane, 'a "1", 2', 3, 1);
    lane.corrections(NOON + 5, ['a "1", 2', 5]);
    lane.corrections(NOON + 9, ['a "1", 2', 6]);
    lane.commit();
    await lane.join.close();
    rmSync(lane.paths.state, { recursive: true });
    lane = await TestLane.open(folder, { clock: lane.clock });
    expect(lane.correctionBalance).toEqual({ received: 2, applied: 2 });
    expect(overall(lane)).toEqual([2, 5]);
    lane.corrections(NOON + 9, ['a "1", 2', 6]);
    lane.corrections(NOON + 7, ['a "1", 2', 8]);
    lane.commit();
    expect(lane.correctionBalance).toEqual({ received: 4, applied: 2, duplicates: 1, conflicts: 1 });
    await lane.join.close();
  });

  test("goes with a log that was exchanged; of labels that it does not have it is said", async () => {
    let lane = await TestLane.open(folder);
    logRow(lane, "a", 3, 1);
    logRow(lane, "b", 3, 1);
    lane.corrections(NOON, ["a", 5], ["b", 7]);
    lane.commit();
    await lane.join.close();
    writeFileSync(lane.paths.log, "id,y_true,y_pred,absolute_error\nb,3,1,2\n");
    lane = await TestLane.open(folder, { clock: lane.clock });
    expect(lane.join.findings).toContainEqual(
      expect.stringMatching(/corrections.csv corrects 1 labels that are not in .*metric_log.csv: they do not count/),
    );
    expect(overall(lane)).toEqual([2, 6]);
    logRow(lane, "a", 3, 1);
    expect(overall(lane)).toEqual([2, 4]);
    lane.corrections(NOON, ["a", 5]);
    lane.commit();
    expect(overall(lane)).toEqual([2, 5]);
    await lane.join.close();
  });

  test("does not count for a log that replaced the one it was of, also at the second start", async () => {
    let lane = await TestLane.open(folder);
    logRow(lane, "a", 3, 1);
    lane.corrections(NOON, ["a", 5]);
    lane.commit();
    await lane.join.close();
    rmSync(lane.paths.log);
    for (let start = 0; start < 2; start += 1) {
      lane = await TestLane.open(folder, { clock: lane.clock });
      expect([lane.join.state.corrections.statistics.replaced.count, lane.join.state.versions.list()]).toEqual([0, []]);
      await lane.join.close();
    }
    lane = await TestLane.open(folder, { clock: lane.clock });
    logRow(lane, "b", 3, 1);
    expect(overall(lane)).toEqual([2, 2]);
    expect(lane.join.state.versions.list()).toMatchObject([{ moments: { count: 1 } }]);
    await lane.join.close();
  });

  test("is committed with the log: what a failed commit wrote is cut off again", async () => {
    let lane = await TestLane.open(folder);
    logRow(lane, "a", 3, 1);
    lane = await lane.reopen(folder, {
      failpoint: (name) => {
        if (name === "after-sync") throw new Error("The power failed.");
      },
    });
    lane.corrections(NOON, ["a", 5]);
    lane.commit();
    expect([lane.faults.length, records("corrections.csv").length]).toEqual([1, 1]);
    lane = await lane.reopen(folder);
    expect(records("corrections.csv")).toEqual([]);
    expect([lane.correctionBalance, noon(lane)?.mae]).toEqual([{}, 2]);
    lane.corrections(NOON, ["a", 5]);
    lane.commit();
    expect([lane.correctionBalance, noon(lane)?.mae, problemsOf(lane)]).toEqual([{ received: 1, applied: 1 }, 4, []]);
    expect(existsSync(lane.paths.corrections)).toBe(true);
    expect(readFileSync(lane.paths.corrections, "utf8")).toBe(`id,old,new,time,who\na,3,5,${TWELVE},ann\n`);
    await lane.join.close();
  });
});
