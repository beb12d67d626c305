import { expect, test } from "vitest";
import { NumberSet } from "./number-set.js";

test("a number is added once, and those that were not are missing", () => {
  const set = new NumberSet(17);
  expect([1, 8, 16, 17, 8, 1].map((number) => set.add(number))).toEqual([true, true, true, true, false, false]);
  expect([...set.missing()]).toEqual([2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15]);
  expect([set.has(16), set.has(15)]).toEqual([true, false]);
});

test("a set of none misses nothing", () => {
  expect([...new NumberSet(0).missing()]).toEqual([]);
});

test.each([0, 18, -1, 1.5, Number.NaN])("%d is not from 1 to 17", (number) => {
  expect(() => new NumberSet(17).add(number)).toThrow(RangeError);
});
