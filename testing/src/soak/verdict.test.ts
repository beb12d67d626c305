import { expect, test } from "vitest";
import { growthProblems, RESTARTED, trendOf } from "./verdict.js";

const samples = (own: (at: number) => number, descriptors: (at: number) => number) =>
  Array.from({ length: 9 }, (_, at) => ({ at, ownMiB: own(at), residentMiB: 2 * own(at), descriptors: descriptors(at), heapMiB: 1 }));

test("a process that grows by no more than it may is in order", () => {
  const trend = trendOf(
    "metrics",
    samples(
      (at) => 100 + 2 * at,
      (at) => 20 + (at % 2),
    ),
  );
  expect(trend).toEqual({ process: "metrics", ownGrowthMiB: 8, residentGrowthMiB: 16, descriptorGrowth: 0 });
  expect(growthProblems([trend], { ownMiB: 8, descriptors: 0 })).toEqual([]);
});

test("one that grows by more is named, with how much", () => {
  const trend = trendOf(
    "model",
    samples(
      (at) => 100 + 3 * at,
      (at) => 20 + at,
    ),
  );
  expect(growthProblems([trend], { ownMiB: 8, descriptors: 3 })).toEqual([
    "The memory of model grew by 12.0 MiB over the second half; 8 MiB are allowed.",
    "model has 4 descriptors more at the end; 3 are allowed.",
  ]);
});

test("one that was seen too seldom to say is not in order", () => {
  expect(growthProblems([trendOf("plot", [])], { ownMiB: 8, descriptors: 3 })).toHaveLength(2);
});

test.each([
  ["opens as much again in each life is in order", [23, 141, 142, 23, 123, 141, 123, 122, 123, 122, 123, 123], 0],
  ["never closes what it opens is not", [23, 60, 61, 23, 62, 63, 64, 80, 95, 98, 99, 100], 37],
])("one that is started again and %s", (_, descriptors, growth) => {
  const looks = descriptors.map((value, at) => ({ at, ownMiB: 0, residentMiB: 0, descriptors: value, heapMiB: 1 }));
  expect(trendOf("gateway", looks, RESTARTED).descriptorGrowth).toBe(growth);
});
