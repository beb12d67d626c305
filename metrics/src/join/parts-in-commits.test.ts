import { rmSync } from "node:fs";
import { partFilesOf, withLog } from "@streamgauge/core/metric-log";
import { freshFolder } from "@streamgauge/testing/vitest";
import { expect, test } from "vitest";
import { committedLane, windowProblems } from "../monitoring/recount-windows.js";
import { TestLane } from "../testing/test-lane.js";

const folder = freshFolder();
/** One line of 11 bytes fits beside the header. */
const rotation = { kind: "size", bytes: 52 } as const;

async function laneWith(...ids: readonly string[]): Promise<TestLane> {
  const lane = await TestLane.open(folder, { rotation });
  for (const id of ids) logPair(lane, id);
  return lane;
}

function logPair(lane: TestLane, id: string, eventTime?: number): void {
  lane.send("y_pred", [[id, 30]], 0, eventTime);
  lane.labels([id, 1]);
  lane.commit();
}

const logged = (lane: TestLane) => withLog(lane.paths.log, (log) => log.read(32, 1_000).toString());

test("a commit that is due finishes a part, and a start goes on with it", async () => {
  const first = await laneWith("aa", "bb", "cc");
  expect(partFilesOf(first.paths.log).map(({ number }) => number)).toEqual([1, 2]);
  const lane = await first.reopen(folder, { rotation });
  expect(lane.join.findings).toEqual([]);
  logPair(lane, "aa");
  logPair(lane, "dd");
  expect(logged(lane)).toBe("aa,1,30,29\nbb,1,30,29\ncc,1,30,29\ndd,1,30,29\n");
  expect(lane.balance("y_true")).toEqual({ received: 5, logged: 4, duplicates: 1 });
  await lane.join.close();
});

test("a part that is deleted while metrics runs is said when it is needed, and the next start goes on without it", async () => {
  const first = await laneWith("aa", "bb", "cc");
  const [part] = partFilesOf(first.paths.log);
  rmSync(part?.path ?? "");
  const again = first.labels(["aa", 1]);
  first.predictions(["aa", 30]);
  first.commit();
  expect(first.faults.map(({ error }) => error.message)).toEqual([
    `${part?.path} is missing, and so is ${part?.path}.gz: restore one of them from a backup.`,
  ]);
  expect(again.outcome?.kind).toBe("retry");
  const lane = await first.reopen(folder, { rotation });
  expect(lane.join.findings[0]).toMatch(/000001-\d{8}\.csv is missing, and the index of ids needs all parts: the log is counted again/);
  logPair(lane, "aa");
  expect([lane.faults, logged(lane)]).toEqual([[], "bb,1,30,29\ncc,1,30,29\naa,1,30,29\n"]);
  await lane.join.close();
});

test("windows with lines of a deleted part cannot be counted again, the others are", async () => {
  const lane = await laneWith();
  const hour = 3_600_000;
  for (const [i, id] of ["aa", "bb", "cc"].entries()) logPair(lane, id, Date.UTC(2026, 0, 31) + i * hour);
  const read = committedLane(lane.join.state.store);
  if (read === undefined) throw new Error("There are no windows.");
  const problems = (windows = read) => windowProblems(windows, lane.paths);
  expect(problems()).toEqual([]);
  const [part] = partFilesOf(lane.paths.log);
  rmSync(part?.path ?? "");
  expect(problems()).toEqual([]);
  // Every window that holds the first row is left out: of its minute, its hour and the day. The others are compared.
  const wrong = read.windows.map((window) => ({ ...window, labelled: window.labelled + 1 }));
  const named = problems({ ...read, windows: wrong }).map((problem) => problem.slice(0, 48));
  expect(named).toEqual([
    "The window of 1m from 2026-01-31T01:00:00.000Z h",
    "The window of 1m from 2026-01-31T02:00:00.000Z h",
    "The window of 1h from 2026-01-31T01:00:00.000Z h",
    "The window of 1h from 2026-01-31T02:00:00.000Z h",
  ]);
  await lane.join.close();
});
