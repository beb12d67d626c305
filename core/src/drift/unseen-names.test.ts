import { expect, test } from "vitest";
import { commonestNames, UnseenNames } from "./unseen-names.js";

test("the ten commonest names, of equally common ones the first by code point", () => {
  const names = new UnseenNames();
  for (const name of ["b", "a", "c", "c", "d", "e", "f", "g", "h", "i", "j", "k"]) names.add(name);
  expect(commonestNames(names.save()).map(({ name, count }) => `${name}${count}`)).toEqual([
    "c2",
    "a1",
    "b1",
    "d1",
    "e1",
    "f1",
    "g1",
    "h1",
    "i1",
    "j1",
  ]);
});

test("a common name is found among ten thousand that come once, and its count is at most too high by what it says", () => {
  const names = new UnseenNames();
  for (let i = 0; i < 10_000; i += 1) names.add(i % 20 === 0 ? "common" : `once ${i}`);
  const [first] = commonestNames(names.save());
  expect(first?.name).toBe("common");
  const { count = 0, over = 0 } = first ?? {};
  expect(count - over).toBeLessThanOrEqual(500);
  expect(count).toBeGreaterThanOrEqual(500);
  expect(names.save()).toHaveLength(50);
});

test("a row that is taken back", () => {
  const names = new UnseenNames();
  names.add("a");
  names.add("a");
  names.add("b");
  names.remove("a");
  names.remove("b");
  expect(names.save()).toEqual([{ name: "a", count: 1, over: 0 }]);
});
