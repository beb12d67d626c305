import { appendFileSync, rmSync, truncateSync } from "node:fs";
import { windowJson, type WindowJson, type WindowSize } from "@streamgauge/core/windows";
import { freshFolder } from "@streamgauge/testing/vitest";
import { describe, expect, test } from "vitest";
import { RETENTION_MS, TestLane } from "../testing/test-lane.js";
import { SYSTEM_DISK } from "../log/append-file.js";
import { committedLane, windowProblems } from "./recount-windows.js";

const folder = freshFolder();
/** The clock of a lane begins then. */
const NOON = Date.UTC(2026, 0, 31, 12);
const MINUTE = 60_000;
const DAY = 86_400_000;

function windowsOf({ join, clock }: TestLane, size: WindowSize): WindowJson[] {
  return Array.from(join.state.monitor.windows.range(size, -Infinity, Infinity), (window) => windowJson(window, [], clock.now()));
}

/** start, predicted, labelled and MAE of each window. */
function shown(lane: TestLane, size: WindowSize) {
  return windowsOf(lane, size).map(({ start, predicted, labelled, mae }) => [start.slice(5, 16), predicted, labelled, mae]);
}

function problemsOf({ join, paths }: TestLane): string[] {
  const lane = committedLane(join.state.store);
  if (lane === undefined) return ["There are no windows."];
  return windowProblems(lane, paths);
}

describe("a window", () => {
  test("holds the rows that happened in it, and a late label restates it", async () => {
    const lane = await TestLane.open(folder);
    lane.send(
      "y_pred",
      [
        ["a", 1],
        ["b", 2],
      ],
      0,
      NOON - MINUTE,
    );
    lane.send("y_pred", [["c", 7]], 0, NOON);
    lane.labels(["a", 3]);
    lane.spill();
    expect(shown(lane, "1m")).toEqual([
      ["01-31T11:59", 2, 1, 2],
      ["01-31T12:00", 1, 0, null],
    ]);
    const [before] = windowsOf(lane, "1m");
    lane.clock.advance(30_000);
    lane.labels(["b", 2]);
    lane.spill();
    expect(shown(lane, "1m")[0]).toEqual(["01-31T11:59", 2, 2, 1]);
    const [after] = windowsOf(lane, "1m");
    expect(after?.revision).toBeGreaterThan(before?.revision ?? Infinity);
    expect(shown(lane, "1h")).toEqual([
      ["01-31T11:00", 2, 2, 1],
      ["01-31T12:00", 1, 0, null],
    ]);
    expect(shown(lane, "1d")).toEqual([["01-31T00:00", 3, 2, 1]]);
    expect(problemsOf(lane)).toEqual([]);
    await lane.join.close();
  });

  test("takes a row without an event time for when it left its source", async () => {
    const lane = await TestLane.open(folder);
    lane.predictions(["a", 1]);
    lane.labels(["a", 1]);
    lane.commit();
    expect(shown(lane, "1m")).toEqual([["01-31T12:00", 1, 1, 0]]);
    await lane.join.close();
  });

  test("counts an id once: copies and other values leave it as it is", async () => {
    const lane = await TestLane.open(folder);
    for (const value of [1, 1, 5]) lane.send("y_pred", [["a", value]], 0, NOON);
    lane.labels(["a", 2]);
    lane.spill();
    lane.send("y_pred", [["a", 9]], 0, NOON);
    lane.labels(["a", 8]);
    lane.spill();
    expect(shown(lane, "1m")).toEqual([["01-31T12:00", 1, 1, 1]]);
    expect(problemsOf(lane)).toEqual([]);
    await lane.join.close();
  });

  test("is final when no label can come any more, and open again after another prediction", async () => {
    const lane = await TestLane.open(folder);
    const states = () => windowsOf(lane, "1m").map(({ state }) => state);
    lane.send("y_pred", [["a", 1]], 0, NOON - MINUTE);
    lane.spill();
    expect(states()).toEqual(["provisional"]);
    lane.clock.advance(RETENTION_MS + 1);
    expect(states()).toEqual(["final"]);
    expect(shown(lane, "1m")).toEqual([["01-31T11:59", 1, 0, null]]);
    lane.send("y_pred", [["b", 1]], 0, NOON - MINUTE);
    lane.spill();
    expect(states()).toEqual(["provisional"]);
    expect(problemsOf(lane)).toEqual([]);
    await lane.join.close();
  });

  test("of minutes is kept for a day before the newest time, an hour for ninety days", async () => {
    const lane = await TestLane.open(folder);
    lane.send("y_pred", [["a", 1]], 0, NOON - 100 * DAY);
    lane.send("y_pred", [["b", 1]], 0, NOON - DAY);
    lane.spill();
    lane.send("y_pred", [["c", 1]], 0, NOON);
    lane.spill();
    lane.send("y_pred", [["d", 1]], 0, NOON - 2 * DAY);
    lane.labels(["a", 1], ["d", 1]);
    lane.spill();
    expect(shown(lane, "1m").map(([start]) => start)).toEqual(["01-30T12:00", "01-31T12:00"]);
    expect(shown(lane, "1h").map(([start]) => start)).toEqual(["01-29T12:00", "01-30T12:00", "01-31T12:00"]);
    expect(shown(lane, "1d").map(([start]) => start)).toEqual(["10-23T00:00", "01-29T00:00", "01-30T00:00", "01-31T00:00"]);
    expect(lane.join.state.monitor.oddTimes).toEqual({ future: 0, old: 1 });
    expect(problemsOf(lane)).toEqual([]);
    await lane.join.close();
  });

  test("is read from the store once, and then is the one that changes", async () => {
    const lane = await TestLane.open(folder);
    for (const [minute, id] of ["a", "b"].entries()) lane.send("y_pred", [[id, 1]], 0, NOON - minute * MINUTE);
    lane.labels(["a", 3], ["b", 2]);
    lane.spill();
    const again = await lane.reopen(folder);
    const { windows } = again.join.state.monitor;
    const within = () => windows.within("1m", NOON - MINUTE, NOON + MINUTE);
    const before = within();
    expect(before.map((window) => window.save())).toEqual([...windows.range("1m", NOON - MINUTE, NOON + MINUTE)]);
    again.send("y_pred", [["c", 5]], 0, NOON);
    again.labels(["c", 1]);
    again.spill();
    expect(within().map((window, i) => window === before[i])).toEqual([true, true]);
    expect(within().map(({ labelled }) => labelled)).toEqual([1, 2]);
    expect(windows.within("1m", NOON + MINUTE, Infinity)).toEqual([]);
    expect(problemsOf(again)).toEqual([]);
    await again.join.close();
  });

  test("of the future has its rows, which are counted, and makes no earlier one go", async () => {
    const lane = await TestLane.open(folder);
    lane.send("y_pred", [["a", 1]], 0, NOON);
    lane.send("y_pred", [["b", 1]], 0, NOON + 400 * DAY);
    lane.spill();
    expect(shown(lane, "1m").map(([start]) => start)).toEqual(["01-31T12:00", "03-07T12:00"]);
    expect(lane.join.state.monitor.oddTimes).toEqual({ future: 1, old: 0 });
    await lane.join.close();
  });
});

describe("intervals", () => {
  test("are scored by the width that came with the prediction, whenever its label comes and whatever happens in between", async () => {
    let lane = await TestLane.open(folder);
    lane.halfWidth = 2;
    lane.send("y_pred", [["a", 1]], 0, NOON);
    lane.send("y_pred", [["b", 1]], 0, NOON);
    lane.spill();
    lane.halfWidth = 7;
    lane.send("y_pred", [["c", 1]], 0, NOON);
    lane.labels(["c", 9]);
    lane.commit();
    lane = await lane.reopen(folder);
    lane.labels(["a", 3], ["b", 4]);
    lane.commit();
    const score = 22 / 3 + (20 * 2) / 3;
    const figures = { interval_rows: 3, interval_target: 0.9, interval_coverage: 1 / 3, interval_width: 22 / 3 };
    expect(windowsOf(lane, "1h")[0]).toMatchObject({ ...figures, interval_score: expect.closeTo(score, 9) });
    expect(problemsOf(lane)).toEqual([]);
    lane = await lane.reopen(folder);
    lane.corrections(NOON, ["c", 8]);
    lane.commit();
    expect(windowsOf(lane, "1h")[0]).toMatchObject({ ...figures, interval_coverage: 2 / 3 });
    expect(problemsOf(lane)).toEqual([]);
    await lane.join.close();
  });

  test("of another coverage begin anew with the errors so far, and what was committed before stays", async () => {
    let lane = await TestLane.open(folder);
    const errors = Array.from({ length: 100 }, (_, i) => [`r${i}`, i + 1] as const);
    lane.predictions(...errors);
    lane.labels(...errors.map(([id]) => [id, 0] as const));
    lane.commit();
    const widths = () => lane.join.state.monitor.intervals.list();
    expect(widths()).toEqual([{ model: "linear 1", halfWidth: 90.1 }]);
    lane = await lane.reopen(folder);
    expect(widths()).toEqual([{ model: "linear 1", halfWidth: 90.1 }]);
    lane = await lane.reopen(folder, { intervalCoverage: 0.8 });
    expect(widths()).toEqual([]);
    lane.predictions(["x", 50]);
    lane.labels(["x", 0]);
    lane.commit();
    expect(widths()).toEqual([{ model: "linear 1", halfWidth: 80.1 }]);
    await lane.join.close();
  });
});

describe("after a crash", () => {
  test("windows are as committed, whether their events are in the journal or they were stored", async () => {
    let lane = await TestLane.open(folder);
    for (const wait of [5, 1_005, 5]) {
      lane.send("y_pred", [[`a${wait}${lane.clock.now()}`, 1]], 0, NOON);
      lane.send("y_true", [[`a${wait}${lane.clock.now()}`, 3]]);
      lane.clock.advance(wait);
      const before = windowsOf(lane, "1m");
      expect(problemsOf(lane)).toEqual([]);
      lane = await lane.reopen(folder);
      expect(windowsOf(lane, "1m")).toEqual(before);
      expect(problemsOf(lane)).toEqual([]);
    }
    expect(shown(lane, "1m")).toEqual([["01-31T12:00", 3, 3, 2]]);
    await lane.join.close();
  });

  test("a start on a full disk needs no room: the journal stays as it is", async () => {
    const lane = await logged();
    lane.send("y_pred", [["b", 1]], 0, NOON);
    lane.send("y_true", [["b", 3]]);
    lane.clock.advance(5);
    const before = windowsOf(lane, "1m");
    const full = () => {
      throw new Error("ENOSPC: no space left on device, write");
    };
    const again = await lane.reopen(folder, { disk: { ...SYSTEM_DISK, write: full } });
    expect([windowsOf(again, "1m"), problemsOf(again)]).toEqual([before, []]);
    await again.join.close();
  });

  test("other settings hold from the start on, not for what the journal repeats", async () => {
    const lane = await logged();
    lane.send("y_pred", [["b", 1]], 0, NOON);
    lane.send("y_true", [["b", 3]]);
    lane.clock.advance(5);
    const again = await lane.reopen(folder, { retentionMs: 2 * RETENTION_MS });
    again.send("y_pred", [["c", 1]], 0, NOON + DAY);
    again.send("y_true", [["c", 3]]);
    again.clock.advance(5);
    const third = await again.reopen(folder, { retentionMs: 3 * RETENTION_MS });
    const finals = [...third.join.state.monitor.windows.range("1d", -Infinity, Infinity)].map(
      ({ start, finalAt }) => finalAt - start - DAY,
    );
    expect(finals).toEqual([RETENTION_MS, 2 * RETENTION_MS]);
    await third.join.close();
  });

  test("the error that a model says of held-out rows is the reference, also after a crash", async () => {
    const lane = await logged();
    lane.heldOut = { rows: 89, mae: 43.5, sd: 0 };
    lane.send("y_pred", [["b", 1]], 0, NOON);
    lane.send("y_true", [["b", 3]]);
    lane.clock.advance(5);
    const referenceOf = ({ join }: TestLane) =>
      [...join.state.monitor.windows.range("1m", NOON, Infinity)].map(({ referenceMae }) => referenceMae);
    expect(referenceOf(lane)).toEqual([43.5]);
    const again = await lane.reopen(folder);
    again.send("y_pred", [["c", 1]], 0, NOON);
    again.send("y_true", [["c", 9]]);
    again.clock.advance(5);
    expect(referenceOf(again)).toEqual([43.5]);
    await again.join.close();
  });

  test("uncommitted records of lines are cut off", async () => {
    const lane = await logged();
    appendFileSync(lane.paths.lines, Buffer.alloc(40));
    const again = await lane.reopen(folder);
    expect([again.join.findings, problemsOf(again)]).toEqual([[], []]);
    await again.join.close();
  });

  test.each([
    ["lost", (path: string) => rmSync(path), /has lost its \d+ bytes/],
    ["cut short", (path: string) => truncateSync(path, 40), /has 40 bytes, but \d+ are committed/],
  ])("records that were %s end the check of the lines before, and not the windows", async (_, damage, finding) => {
    const lane = await logged();
    damage(lane.paths.lines);
    const again = await lane.reopen(folder);
    expect(again.join.findings).toEqual([expect.stringMatching(finding)]);
    again.predictions(["b", 1]);
    again.labels(["b", 2]);
    again.commit();
    expect(shown(again, "1d")).toEqual([["01-31T00:00", 2, 2, 1]]);
    const third = await again.reopen(folder);
    expect([third.join.findings, problemsOf(third)]).toEqual([[], []]);
    await third.join.close();
  });
});

test("a log that was taken away, and its records with it, leaves the windows", async () => {
  const lane = await TestLane.open(folder);
  lane.predictions(["a", 1]);
  lane.labels(["a", 2]);
  lane.commit();
  rmSync(lane.paths.log);
  const again = await lane.reopen(folder);
  expect(again.join.findings).toHaveLength(2);
  again.predictions(["b", 1]);
  again.labels(["b", 4]);
  again.clock.advance(1_005);
  expect([problemsOf(again), shown(again, "1d")]).toEqual([[], [["01-31T00:00", 2, 2, 2]]]);
  const third = await again.reopen(folder);
  expect([third.join.findings, problemsOf(third)]).toEqual([[], []]);
  await third.join.close();
});

/** A lane with one line, whose record is in the file. */
async function logged(): Promise<TestLane> {
  const lane = await TestLane.open(folder);
  lane.predictions(["a", 1]);
  lane.labels(["a", 2]);
  lane.clock.advance(1_005);
  return lane.reopen(folder);
}
