import { freshFolder } from "@streamgauge/testing/vitest";
import { expect, test } from "vitest";
import { DEFAULT_ALARM } from "../alarm/alarm-settings.js";
import { KEPT_ALARMS } from "../state/state-store.js";
import { TestLane } from "../testing/test-lane.js";

const folder = freshFolder();
/** Errors are watched from the first row on: at most one false alarm in a million rows, and m = 1. */
const heldOut = { rows: 1_000, mae: 1, sd: 0 };
const alarm = { ...DEFAULT_ALARM, every: { rows: 1_000_000 }, tolerance: 0 };

/** Logs rows with these errors in one commit. */
function log(lane: TestLane, first: number, errors: readonly number[]): void {
  const ids = errors.map((_, i) => `row-${first + i}`);
  lane.heldOut = heldOut;
  // The longest pause after the commit before.
  lane.clock.advance(15);
  lane.labels(...ids.map((id): [string, number] => [id, 0]));
  lane.predictions(...ids.map((id, i): [string, number] => [id, errors[i] ?? 0]));
  lane.commit();
}

test("an alarm is raised by the commit that logs its row, and is kept", async () => {
  const lane = await TestLane.open(folder, { alarm });
  log(lane, 1, Array<number>(100).fill(1));
  log(lane, 101, Array<number>(100).fill(3));
  const [alarmed] = lane.commits.flatMap(({ alarms }) => alarms);
  expect(alarmed).toMatchObject({ number: 1, kind: "worse", model: "linear 1", meanBefore: 1, meanSince: 3, again: false });
  expect(alarmed?.sinceRow).toBe(101);
  expect(alarmed?.row).toBeLessThan(150);
  const again = await lane.reopen(folder, { alarm });
  expect(again.join.state.store.raisedAlarms()[0]).toEqual({ version: 1, ...alarmed });
  expect(again.join.state.alarms.of("linear 1")?.isOn("worse")).toBe(true);
  expect(again.join.state.alarms.of("linear 1")?.last("worse")?.since).toBe(3);
  await again.join.close();
});

test("what an unfinished commit raised is not kept, and is raised again", async () => {
  let fails = false;
  const failpoint = (name: string) => {
    if (fails && name === "after-sync") throw new Error("the power is gone");
  };
  const lane = await TestLane.open(folder, { alarm, failpoint });
  log(lane, 1, Array<number>(100).fill(1));
  fails = true;
  log(lane, 101, [1e9]);
  expect(lane.faults).toHaveLength(1);
  const again = await lane.reopen(folder, { alarm });
  expect(again.join.state.store.raisedAlarms()).toEqual([]);
  log(again, 101, [1e9]);
  expect(again.commits.flatMap(({ alarms }) => alarms)).toMatchObject([{ number: 1, row: 101, sinceRow: 101, meanSince: 1e9 }]);
  await again.join.close();
});

test("the last thousand alarms are kept, and all are counted", async () => {
  const lane = await TestLane.open(folder, { alarm });
  log(lane, 1, Array<number>(700).fill(1e9));
  log(lane, 701, Array<number>(400).fill(1e9));
  const { store, alarms } = lane.join.state;
  expect(alarms.count).toBe(1_100);
  const numbers = store.raisedAlarms().map(({ number }) => number);
  expect([numbers.length, numbers[0], numbers.at(-1)]).toEqual([KEPT_ALARMS, 101, 1_100]);
  // What the first one said stays known while the change lasts.
  const first = { number: 1, row: 1, raisedAgain: 1_099 };
  expect(alarms.change("linear 1", "worse")).toMatchObject(first);
  const again = await lane.reopen(folder, { alarm });
  expect(again.join.state.alarms.change("linear 1", "worse")).toMatchObject(first);
  await again.join.close();
});

test("copies of a logged row are not watched twice", async () => {
  const lane = await TestLane.open(folder, { alarm });
  log(lane, 1, [1, 1, 1]);
  log(lane, 1, [1, 1, 1]);
  log(lane, 4, [1]);
  expect(lane.join.state.alarms.of("linear 1")?.seen).toBe(4);
  await lane.join.close();
});
