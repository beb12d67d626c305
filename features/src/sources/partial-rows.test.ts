import { describe, expect, test } from "vitest";
import { PartialRows } from "./partial-rows.js";

describe("Partial rows", () => {
  test("are returned when complete, and again only when changed", () => {
    const rows = new PartialRows(["a", "b"], 10);
    expect(rows.add("k", [["a", 1]])).toBeUndefined();
    expect(rows.partial).toBe(1);
    const first = rows.add("k", [["b", "x"]]);
    expect(first).toEqual({ id: expect.stringMatching(/^k@[\w-]{16}$/), values: [1, "x"] });
    expect(rows.partial).toBe(0);
    expect(rows.add("k", [["b", "x"]])).toBeUndefined();
    const second = rows.add("k", [["a", 2]]);
    expect(second?.values).toEqual([2, "x"]);
    expect(second?.id).not.toBe(first?.id);
    expect(rows.add("k", [["a", 1]])?.id).toBe(first?.id);
  });

  test("have ids that follow from key and values alone", () => {
    const id = () => new PartialRows(["a"], 10).add("k", [["a", 1]])?.id;
    expect(id()).toBe(id());
  });

  test("are bounded: the one that was longest unheard of is forgotten", () => {
    const rows = new PartialRows(["a", "b"], 2);
    rows.add("k1", [["a", 1]]);
    rows.add("k2", [["a", 1]]);
    rows.add("k1", [["a", 1]]);
    rows.add("k3", [["a", 1]]);
    expect([rows.size, rows.partial, rows.forgotten]).toEqual([2, 2, 1]);
    expect(rows.add("k1", [["b", 2]])).toBeDefined();
    expect(rows.add("k2", [["b", 2]])).toBeUndefined();
  });
});
