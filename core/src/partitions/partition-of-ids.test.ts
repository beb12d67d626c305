import { expect, test } from "vitest";
import { Ids } from "../frames/ids.js";
import { partitionsOfIds } from "./partition-of-ids.js";

/** By a program in Python; logs are divided by these numbers, so they must never change. */
test.each([
  [1, [1, 1, 1, 1, 1, 1, 1, 1]],
  [2, [1, 2, 2, 2, 1, 2, 2, 1]],
  [4, [1, 3, 3, 4, 2, 4, 4, 1]],
  [8, [1, 5, 6, 8, 4, 7, 7, 2]],
])("ids belong to these of %d partitions", (of, expected) => {
  const ids = Ids.of(["a", "b", "row-1", "row-2", "mwpixsni7y4z-0000000029", "größe", "行", "😀"]);
  expect([...partitionsOfIds(ids, of)]).toEqual(expected);
});

test("ids that follow each other are divided evenly: each of 4 partitions has a quarter of 100,000, give or take a hundredth", () => {
  const counts = [0, 0, 0, 0];
  const ids = Ids.of(Array.from({ length: 100_000 }, (_, i) => `mwpixsni7y4z-${String(i).padStart(10, "0")}`));
  for (const partition of partitionsOfIds(ids, 4)) counts[partition - 1] = (counts[partition - 1] ?? 0) + 1;
  expect(counts.filter((count) => count > 24_000 && count < 26_000)).toHaveLength(4);
});

test("twice as many partitions divide each in two", () => {
  const ids = Ids.of(Array.from({ length: 1_000 }, (_, i) => `row-${i}`));
  const [four, eight] = [partitionsOfIds(ids, 4), partitionsOfIds(ids, 8)];
  expect([...eight].every((partition, row) => Math.ceil(partition / 2) === four[row])).toBe(true);
});
