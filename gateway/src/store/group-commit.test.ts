import { expect, test } from "vitest";
import { GroupCommit } from "./group-commit.js";

class RefusedValue extends Error {
  readonly code = "22021";
}

test("what comes while something is written is written together", async () => {
  const groups: (readonly number[])[] = [];
  const commit = new GroupCommit<number, number>(async (items) => {
    groups.push(items);
    return items.map((item) => 10 * item);
  }, 3);
  expect(await Promise.all([1, 2, 3, 4, 5].map((item) => commit.add(item)))).toEqual([10, 20, 30, 40, 50]);
  expect(groups).toEqual([
    [1, 2, 3],
    [4, 5],
  ]);
});

test("an item that cannot be stored is refused alone", async () => {
  const stored: number[] = [];
  const commit = new GroupCommit<number, undefined>(async (items) => {
    if (items.includes(2)) throw new RefusedValue("invalid byte sequence");
    stored.push(...items);
    return items.map(() => undefined);
  }, 10);
  const outcomes = await Promise.allSettled([1, 2, 3].map((item) => commit.add(item)));
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(stored).toEqual([1, 3]);
});

test("if the database is away the group fails as one, and the next is written", async () => {
  let tries = 0;
  const commit = new GroupCommit<number, undefined>(async (items) => {
    tries += 1;
    if (tries === 1) throw new Error("the database is away");
    return items.map(() => undefined);
  }, 10);
  const outcomes = await Promise.allSettled([1, 2].map((item) => commit.add(item)));
  expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(tries).toBe(1);
  await expect(commit.add(3)).resolves.toBeUndefined();
});
