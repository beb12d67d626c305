import { expect, test } from "vitest";
import { CompensatedSums } from "./compensated-sums.js";

test("a small term beside a large one is not lost", () => {
  const sums = new CompensatedSums(2);
  for (const term of [1, 1e100, 1, -1e100]) sums.add(1, term);
  expect([sums.at(0), sums.at(1)]).toEqual([0, 2]);
});

test("a million tenths are a hundred thousand", () => {
  const sums = new CompensatedSums(1);
  let plain = 0;
  for (let i = 0; i < 1_000_000; i += 1) {
    sums.add(0, 0.1);
    plain += 0.1;
  }
  expect(sums.at(0)).toBe(100_000);
  expect(plain).not.toBe(100_000);
});

test("a sum beyond the largest double is infinite", () => {
  const sums = new CompensatedSums(1);
  sums.add(0, 1.7e308);
  sums.add(0, 1.7e308);
  expect(sums.at(0)).toBe(Infinity);
});
