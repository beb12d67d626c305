import { expect, test } from "vitest";
import { SeededRandom } from "../index.js";
import { DueLater, heavyTailed } from "./due-later.js";

const MINUTE = 60_000;
const row = (id: string) => ({ id, row: 0 });

test("rows are due when their minute is over, the earlier minutes first, each once", () => {
  const due = new DueLater();
  for (const [id, at] of [
    ["c", 2.5],
    ["a", 1],
    ["b", 1.9],
  ] as const)
    due.add(row(id), at * MINUTE);
  expect(due.take(2 * MINUTE - 1)).toEqual([]);
  expect(due.take(2 * MINUTE)).toEqual([row("a"), row("b")]);
  expect(due.take(Infinity)).toEqual([row("c")]);
  expect(due.take(Infinity)).toEqual([]);
});

test("delays have Pareto's quantiles, and an end", () => {
  const random = new SeededRandom(3);
  const delays = Array.from({ length: 20_000 }, () => heavyTailed(random, 60 * MINUTE) / MINUTE).toSorted((one, other) => one - other);
  // 2 · 2^(1/1.2) = 3.56 and 2 · 10^(1/1.2) = 13.63.
  expect(delays[0]).toBeGreaterThanOrEqual(2);
  expect(delays[10_000]).toBeCloseTo(3.56, 0);
  expect(delays[18_000]).toBeGreaterThan(12.9);
  expect(delays[18_000]).toBeLessThan(14.4);
  expect(delays.at(-1)).toBe(60);
});
