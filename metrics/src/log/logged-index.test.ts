import { describe, expect, test } from "vitest";
import { LoggedIndex, WholeLogIndex } from "./logged-index.js";

const any = () => true;
const none = () => false;

/** The offsets that a look-up compares, in order. */
function asked(index: LoggedIndex, low: number, high: number): number[] {
  const offsets: number[] = [];
  index.find(low, high, (offset) => {
    offsets.push(offset);
    return false;
  });
  return offsets;
}

describe("one generation", () => {
  test("finds what was added, and nothing else", () => {
    const index = new LoggedIndex(32, 10);
    index.add(1, 100, 32);
    index.add(2, 200, 60);
    expect(index.find(1, 100, any)).toBe(32);
    expect(index.find(2, 200, any)).toBe(60);
    expect(index.find(3, 300, any)).toBe(-1);
    expect(index.find(1, 300, any)).toBe(-1);
    expect(index.find(1, 100, none)).toBe(-1);
  });

  test("ids with two equal hashes are distinguished by their lines", () => {
    const index = new LoggedIndex(0, 10);
    for (const offset of [0, 10, 20]) index.add(7, 7, offset);
    expect(asked(index, 7, 7)).toEqual([0, 10, 20]);
    expect(index.find(7, 7, (offset) => offset === 20)).toBe(20);
    expect(index.find(7, 7, none)).toBe(-1);
  });

  test("ids in the same slot do not hide each other, at the end of the table either", () => {
    const index = new LoggedIndex(0, 8);
    // 16 slots: all start at the last one.
    const tags = [1, 2, 3, 4, 5, 6, 7, 8];
    for (const tag of tags) index.add(15, tag, tag * 10);
    for (const tag of tags) expect(asked(index, 15, tag)).toEqual([tag * 10]);
    expect(asked(index, 15, 9)).toEqual([]);
  });

  test("0 is a valid hash", () => {
    const index = new LoggedIndex(0, 10);
    index.add(0, 0, 0);
    expect(index.find(0, 0, any)).toBe(0);
  });

  test("hashes use all 32 bits", () => {
    const index = new LoggedIndex(0, 10);
    index.add(0xffffffff, 0xffffffff, 5);
    expect(index.find(0xffffffff, 0xffffffff, any)).toBe(5);
  });

  test("a full generation finds all its ids", () => {
    const index = new LoggedIndex(0, 5_000);
    for (let i = 0; i < 5_000; i += 1) index.add(Math.imul(i, 0x9e3779b1) >>> 0, i + 1, i * 20);
    expect(index.isFullFor(100_000)).toBe(true);
    for (let i = 0; i < 5_000; i += 1) expect(index.find(Math.imul(i, 0x9e3779b1) >>> 0, i + 1, any)).toBe(i * 20);
  });
});

describe("generations", () => {
  test("a new one starts when the younger is full; the older is dropped", () => {
    const index = new LoggedIndex(0, 2);
    const add = (id: number) => {
      const rolls = index.isFullFor(id * 10);
      if (rolls) index.roll(id * 10);
      index.add(id, id, id * 10);
      return rolls;
    };
    expect([1, 2, 3, 4, 5, 6, 7].map(add)).toEqual([false, false, true, false, true, false, true]);
    expect([1, 2, 3, 4, 5, 6, 7].map((id) => index.find(id, id, any))).toEqual([-1, -1, -1, -1, 50, 60, 70]);
  });

  test("an id in both is found in the younger", () => {
    const index = new LoggedIndex(0, 2);
    index.add(1, 1, 10);
    index.roll(20);
    index.add(1, 1, 20);
    expect(asked(index, 1, 1)).toEqual([20, 10]);
  });

  test("offsets beyond 4 GiB are counted from the start of a generation", () => {
    const base = 3 * 2 ** 40 + 7;
    const index = new LoggedIndex(base, 10);
    index.add(1, 1, base);
    index.add(2, 2, base + 2 ** 32 - 1);
    expect([1, 2].map((id) => index.find(id, id, any))).toEqual([base, base + 2 ** 32 - 1]);
  });

  test("a generation is full at 4 GiB, even with few ids", () => {
    const base = 2 ** 40;
    const index = new LoggedIndex(base, 10);
    expect(index.isFullFor(base + 2 ** 32 - 1)).toBe(false);
    expect(index.isFullFor(base + 2 ** 32)).toBe(true);
    index.roll(base + 2 ** 32);
    index.add(1, 1, base + 2 ** 32);
    expect(index.find(1, 1, any)).toBe(base + 2 ** 32);
    expect(index.isFullFor(base + 2 ** 33 - 1)).toBe(false);
  });

  test("at least 10 million ids are known", () => {
    const index = new LoggedIndex(0);
    // Every 1,000th is enough to see where the first generation ends.
    for (let i = 0; i < 10_000_000; i += 1) index.add(Math.imul(i, 0x9e3779b1) >>> 0, Math.imul(i, 0x85ebca6b) >>> 0, i);
    expect(index.isFullFor(10_000_000)).toBe(true);
    index.roll(10_000_000);
    for (let i = 0; i < 10_000_000; i += 1_000) {
      const found = index.find(Math.imul(i, 0x9e3779b1) >>> 0, Math.imul(i, 0x85ebca6b) >>> 0, (offset) => offset === i);
      expect(found).toBe(i);
    }
  });
});

describe("a whole log", () => {
  test("offsets beyond 4 GiB are those of their lines", () => {
    const index = new WholeLogIndex(25, 10);
    const offsets = [25, 2 ** 32 + 24, 2 ** 32 + 25, 3 * 2 ** 32, 2 ** 40];
    for (const [id, offset] of offsets.entries()) index.add(id, id, offset);
    expect(offsets.map((_, id) => index.find(id, id, any))).toEqual(offsets);
    expect(index.find(9, 9, any)).toBe(-1);
  });

  test("all ids are known, also those beyond what it was made for", () => {
    const index = new WholeLogIndex(0, 10);
    for (let id = 0; id < 3_500; id += 1) index.add(id, id + 1, id * 20);
    for (let id = 0; id < 3_500; id += 1) expect(index.find(id, id + 1, any)).toBe(id * 20);
  });

  test("ids with two equal hashes are distinguished by their lines, in whichever generation", () => {
    const index = new WholeLogIndex(0, 10);
    for (const offset of [0, 2 ** 33, 2 ** 34]) index.add(7, 7, offset);
    expect(index.find(7, 7, (offset) => offset === 2 ** 34)).toBe(2 ** 34);
    expect(index.find(7, 7, none)).toBe(-1);
  });
});
