import { expect, test } from "vitest";
import { diskOutlook, type DiskSample } from "./disk-outlook.js";

/** A look each ten seconds for so long, at what the functions say. */
function looks(seconds: number, free: (at: number) => number, own: (at: number) => number): DiskSample[] {
  return Array.from({ length: seconds / 10 + 1 }, (_, i) => ({ at: 10 * i, free: free(10 * i), own: own(10 * i) }));
}

test("own growth says when the disk is full", () => {
  const samples = looks(
    3_600,
    (at) => 7.2e9 - 1e6 * at,
    (at) => 1e6 * at,
  );
  expect(diskOutlook(samples)).toEqual({ free: 3.6e9, rate: 1e6, fullIn: 3_600 });
});

test("what others write steadily counts, what they write or remove once does not", () => {
  const own = (at: number) => 1e6 * at;
  const steady = looks(3_600, (at) => 20e9 - 4e6 * at, own);
  expect(diskOutlook(steady)).toEqual({ free: 5.6e9, rate: 4e6, fullIn: 1_400 });
  const copied = looks(3_600, (at) => 20e9 - 1e6 * at - (at > 1_800 ? 10e9 : 0), own);
  expect(diskOutlook(copied)).toEqual({ free: 6.4e9, rate: 1e6, fullIn: 6_400 });
  const removed = looks(3_600, (at) => 20e9 - 1e6 * at + (at > 1_800 ? 10e9 : 0), own);
  expect(diskOutlook(removed)).toEqual({ free: 26.4e9, rate: 1e6, fullIn: 26_400 });
});

test("what others write counts from the thirteenth look on", () => {
  const free = (at: number) => 1e9 - 1e6 * at;
  expect(diskOutlook(looks(110, free, () => 0))).toEqual({ free: 0.89e9, rate: 0, fullIn: undefined });
  expect(diskOutlook(looks(120, free, () => 0))).toEqual({ free: 0.88e9, rate: 1e6, fullIn: 880 });
});

test("growth in bursts counts by its mean", () => {
  const own = (at: number) => 60e6 * Math.floor(at / 60);
  expect(diskOutlook(looks(3_600, (at) => 10e9 - own(at), own))).toEqual({ free: 6.4e9, rate: 1e6, fullIn: 6_400 });
});

test("a day ahead is said after an hour of looks, and no sooner", () => {
  const own = (at: number) => 1e6 * at;
  const free = (at: number) => 90e9 - 1e6 * at;
  expect(diskOutlook(looks(3_600, free, own))?.fullIn).toBe(86_400);
  expect(diskOutlook(looks(3_590, free, own))?.fullIn).toBeUndefined();
  expect(diskOutlook(looks(3_590, free, own))?.rate).toBe(1e6);
});

test("a disk on which nothing is written, or on which room is made, is never full", () => {
  expect(
    diskOutlook(
      looks(
        3_600,
        () => 5e9,
        () => 1e9,
      ),
    ),
  ).toEqual({ free: 5e9, rate: 0, fullIn: undefined });
  expect(
    diskOutlook(
      looks(
        3_600,
        (at) => 5e9 + 1e6 * at,
        () => 1e9,
      ),
    ),
  ).toEqual({ free: 8.6e9, rate: 0, fullIn: undefined });
});

test("one look says nothing", () => {
  expect(diskOutlook([])).toBeUndefined();
  expect(diskOutlook([{ at: 5, free: 1, own: 1 }])).toBeUndefined();
});
