import { describe, expect, test } from "vitest";
import { nameRun, runIds } from "./run-ids.js";

describe("the ids of a run", () => {
  test.each([
    [1, 1, ["r-0000000001"]],
    [8, 4, ["r-0000000008", "r-0000000009", "r-0000000010", "r-0000000011"]],
    [98, 4, ["r-0000000098", "r-0000000099", "r-0000000100", "r-0000000101"]],
    [999_999, 2, ["r-0000999999", "r-0001000000"]],
    [9_999_999_998, 4, ["r-9999999998", "r-9999999999", "r-10000000000", "r-10000000001"]],
    [99_999_999_999, 2, ["r-99999999999", "r-100000000000"]],
    [5, 0, []],
  ])("from %i, %i of them", (first, count, ids) => {
    expect(runIds("r", first, count).toArray()).toEqual(ids);
  });

  test("are the same, however they are split into frames", () => {
    const all = runIds("run", 1, 2_500).toArray();
    expect([1, 97, 402, 2_000].flatMap((count, i, counts) => runIds("run", 1 + sum(counts.slice(0, i)), count).toArray())).toEqual(all);
    expect(all).toEqual(Array.from({ length: 2_500 }, (_, i) => `run-${String(i + 1).padStart(10, "0")}`));
  });

  test("sort in sending order", () => {
    const ids = runIds("run", 1, 12_000).toArray();
    expect(ids.toSorted()).toEqual(ids);
  });
});

describe("the name of a run", () => {
  test("is not given twice in the same millisecond", () => {
    const names = Array.from({ length: 200 }, () => nameRun(1_700_000_000_000));
    // 200 names of 2^20 possible ones meet with a probability of 2 %; three meetings will not be seen.
    expect(new Set(names).size).toBeGreaterThan(197);
  });

  test("sorts by time, and is short and plain", () => {
    const names = [1_700_000_000_000, 1_700_000_000_001, 1_763_675_000_000, 2_000_000_000_000].map(nameRun);
    expect(names.toSorted()).toEqual(names);
    for (const name of names) expect(name).toMatch(/^[0-9a-z]{12}$/);
  });
});

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
