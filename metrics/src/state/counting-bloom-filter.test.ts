import fc from "fast-check";
import { expect, test } from "vitest";
import { CountingBloomFilter } from "./counting-bloom-filter.js";

const hashes = fc.integer({ min: 0, max: 0xffffffff });

test("an added hash is never reported as missing", () => {
  fc.assert(
    fc.property(fc.array(hashes), fc.array(hashes), (kept, gone) => {
      const filter = new CountingBloomFilter();
      for (const hash of [...kept, ...gone]) filter.add(hash);
      for (const hash of gone) filter.remove(hash);
      expect(kept.every((hash) => filter.mayHold(hash))).toBe(true);
    }),
  );
});

test("a removed hash, or one of another cell, is not held", () => {
  const filter = new CountingBloomFilter();
  expect([0, 1, 0xffffffff].map((hash) => filter.mayHold(hash))).toEqual([false, false, false]);
  filter.add(1);
  filter.add(0xffffffff);
  expect([0, 1, 0xffffffff].map((hash) => filter.mayHold(hash))).toEqual([false, true, true]);
  filter.remove(1);
  filter.remove(0xffffffff);
  expect([0, 1, 0xffffffff].map((hash) => filter.mayHold(hash))).toEqual([false, false, false]);
});

test("hashes that share one of the 4 Mi cells are not distinguished", () => {
  const filter = new CountingBloomFilter();
  filter.add(5);
  expect(filter.mayHold(5 + 2 ** 22)).toBe(true);
  expect(filter.mayHold(5 + 2 ** 21)).toBe(false);
});

test("a cell that was once full stays occupied", () => {
  const filter = new CountingBloomFilter();
  for (let i = 0; i < 300; i += 1) filter.add(7);
  for (let i = 0; i < 300; i += 1) filter.remove(7);
  expect(filter.mayHold(7)).toBe(true);
});

test("a cell that was nearly full is emptied", () => {
  const filter = new CountingBloomFilter();
  for (let i = 0; i < 254; i += 1) filter.add(7);
  for (let i = 0; i < 254; i += 1) filter.remove(7);
  expect(filter.mayHold(7)).toBe(false);
  filter.remove(7);
  expect(filter.mayHold(7)).toBe(false);
});
