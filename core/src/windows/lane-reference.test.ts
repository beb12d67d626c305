import { expect, test } from "vitest";
import { laneReference } from "./lane-reference.js";

test("the reference of a lane is the mean of those of its partitions, weighted by their rows", () => {
  const parts = [{ referenceMae: 4, referenceRows: 1_000 }, { referenceMae: Number.NaN }, { referenceMae: 3, referenceRows: 3_000 }];
  expect(laneReference(parts)).toEqual({ referenceMae: 3.25, referenceRows: 4_000 });
  expect(laneReference(parts.slice(0, 2))).toEqual({ referenceMae: 4, referenceRows: 1_000 });
});

test("each counts alike if some do not say their rows; without any it is not known", () => {
  expect(laneReference([{ referenceMae: 4, referenceRows: 1_000 }, { referenceMae: 3 }]).referenceMae).toBe(3.5);
  expect(
    laneReference([
      { referenceMae: Infinity, referenceRows: 1 },
      { referenceMae: 3, referenceRows: 1 },
    ]).referenceMae,
  ).toBe(Infinity);
  expect(laneReference([]).referenceMae).toBeNaN();
});
