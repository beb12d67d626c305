import { expect, test } from "vitest";
import { comparisonOf } from "../testing/comparison.js";
import { Comparisons } from "./comparisons.js";

test("the latest of each lane is kept, and said to be old if it is not heard any more", () => {
  const comparisons = new Comparisons();
  comparisons.take(comparisonOf({ challenger: "b", rows: 1 }), 0);
  comparisons.take(comparisonOf({ challenger: "b", rows: 2 }), 10_000);
  comparisons.take(comparisonOf({ challenger: "a", rows: 3 }), 20_000);
  const seen = (at: number) =>
    comparisons.event(at).comparisons.map(({ challenger, rows, is_heard: isHeard }) => [challenger, rows, isHeard]);
  expect(seen(29_999)).toEqual([
    ["a", 3, true],
    ["b", 2, true],
  ]);
  expect(seen(30_000)).toEqual([
    ["a", 3, true],
    ["b", 2, false],
  ]);
});

test("lanes are bounded: the one that was heard longest ago goes", () => {
  const comparisons = new Comparisons();
  for (let i = 0; i < 9; i += 1) comparisons.take(comparisonOf({ challenger: `lane-${i}` }), i);
  expect(comparisons.event(9).comparisons.map(({ challenger }) => challenger)).toEqual([
    "lane-1",
    "lane-2",
    "lane-3",
    "lane-4",
    "lane-5",
    "lane-6",
    "lane-7",
    "lane-8",
  ]);
});
