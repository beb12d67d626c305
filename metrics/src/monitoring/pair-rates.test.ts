import { expect, test } from "vitest";
import { PairRates } from "./pair-rates.js";

test("all rows are counted while they are few, and one in ten at speed", () => {
  const rates = new PairRates(undefined, 0, 0);
  expect(rates.save()).toEqual([{ line: 0, every: 1 }]);
  expect([rates.isPaired(7, 0), rates.isPaired(20, 5)]).toEqual([true, true]);
  rates.adapt(19_999, 1_000);
  expect(rates.save()).toHaveLength(1);
  // 20,000 in a second.
  rates.adapt(39_999, 2_000);
  expect(rates.save()).toEqual([
    { line: 0, every: 1 },
    { line: 39_999, every: 10 },
  ]);
  expect([rates.isPaired(7, 39_999), rates.isPaired(20, 39_999), rates.isPaired(7, 39_998)]).toEqual([false, true, true]);
  // Still 10,000 a second: it does not change to and fro.
  rates.adapt(59_999, 4_000);
  expect(rates.save()).toHaveLength(2);
  rates.adapt(60_000, 5_000);
  expect(rates.save().at(-1)).toEqual({ line: 60_000, every: 1 });
  expect([rates.isPaired(7, 60_000), rates.isPaired(7, 59_999), rates.isPaired(7, 39_998)]).toEqual([true, false, true]);
});

test("within less than a second nothing changes, nor when the clock is set back", () => {
  const rates = new PairRates(undefined, 0, 10_000);
  rates.adapt(500_000, 10_999);
  rates.adapt(600_000, 5_000);
  expect(rates.save()).toEqual([{ line: 0, every: 1 }]);
  rates.adapt(700_000, 6_000);
  expect(rates.save().at(-1)).toEqual({ line: 700_000, every: 10 });
});

test("it goes on as it was saved", () => {
  const saved = [
    { line: 0, every: 1 },
    { line: 100, every: 10 },
  ];
  const rates = new PairRates(saved, 150, 0);
  expect([rates.isPaired(7, 99), rates.isPaired(7, 149), rates.isPaired(30, 149)]).toEqual([true, false, true]);
  expect(rates.save()).toEqual(saved);
});

test("lines of an earlier version were counted one in ten", () => {
  const rates = new PairRates(undefined, 150, 0);
  expect([rates.isPaired(7, 149), rates.isPaired(30, 149), rates.isPaired(7, 150)]).toEqual([false, true, true]);
});

test("rows before the changes that are remembered are taken as not counted", () => {
  const rates = new PairRates(
    Array.from({ length: 1_000 }, (_, i) => ({ line: 10 * i, every: i % 2 === 0 ? 1 : 10 })),
    10_000,
    0,
  );
  expect(rates.isPaired(0, 5)).toBe(true);
  rates.adapt(10_001, 1_000);
  expect(rates.save()).toHaveLength(1_000);
  expect(rates.isPaired(0, 5)).toBe(false);
});
