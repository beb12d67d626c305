import { referenceOf } from "@streamgauge/core";
import { freshFolder } from "@streamgauge/testing/vitest";
import { expect, test } from "vitest";
import { TestLane } from "../testing/test-lane.js";

const folder = freshFolder();
const reference = (...values: readonly number[]) =>
  ({ ...referenceOf(values.length, new Map([["x", Float64Array.from(values)]])), from: "first_rows" }) as const;

test("the first proposal of a version is frozen by the next commit, though no row comes, and kept", async () => {
  const lane = await TestLane.open(folder);
  const { firstReferences } = lane.join.state.monitor;
  expect(firstReferences.propose("m@1", reference(1, 2))).toBe(true);
  expect(firstReferences.propose("m@1", reference(3, 4))).toBe(false);
  expect(firstReferences.of("m@1")).toBeUndefined();
  lane.join.cycle.wake();
  lane.commit();
  expect(firstReferences.takeAccepted()).toEqual(["m@1"]);
  expect(firstReferences.takeAccepted()).toEqual([]);
  expect(firstReferences.propose("m@1", reference(3, 4))).toBe(false);
  const again = await lane.reopen(folder);
  const after = again.join.state.monitor.firstReferences;
  expect(after.of("m@1")).toEqual(reference(1, 2));
  expect(after.propose("m@1", reference(3, 4))).toBe(false);
  expect(after.propose("m@2", reference(3, 4))).toBe(true);
  await again.join.close();
});

test.each(["before-write", "after-log", "after-sync"])("a fault at %s freezes none: the next proposal counts", async (place) => {
  let isDue = false;
  const lane = await TestLane.open(folder, {
    failpoint: (name) => {
      if (isDue && name === place) throw new Error("killed");
    },
  });
  isDue = true;
  lane.join.state.monitor.firstReferences.propose("m@1", reference(1, 2));
  lane.join.cycle.wake();
  lane.commit();
  expect(lane.faults).toHaveLength(1);
  isDue = false;
  const again = await lane.reopen(folder);
  const { firstReferences } = again.join.state.monitor;
  expect(firstReferences.of("m@1")).toBeUndefined();
  firstReferences.propose("m@1", reference(3, 4));
  again.join.cycle.wake();
  again.commit();
  expect(firstReferences.of("m@1")).toEqual(reference(3, 4));
  await again.join.close();
});
