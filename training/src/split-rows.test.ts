import { describe, expect, it } from "vitest";
import { splitRows, takeRows } from "./split-rows.js";

describe("splitRows", () => {
  // Expected rows: Python, sorted(range(10), key=lambda row: sha256(f"{seed}:{row}".encode()).digest()[:6])[:3].
  it.each([
    [1, [4, 7, 8], [0, 1, 2, 3, 5, 6, 9]],
    [2, [2, 5, 6], [0, 1, 3, 4, 7, 8, 9]],
  ])("holds out the rows of seed %i", (seed, heldOut, fitted) => {
    expect(splitRows(10, 0.3, seed)).toEqual({ heldOut, fitted });
  });

  it("holds out nothing at a share of 0", () => {
    expect(splitRows(3, 0, 1)).toEqual({ heldOut: [], fitted: [0, 1, 2] });
  });

  it("rounds to whole rows: 20 % of 442 are 88", () => {
    const { heldOut, fitted } = splitRows(442, 0.2, 1);
    expect(heldOut.length).toBe(88);
    expect(fitted.length).toBe(354);
    expect(heldOut.slice(0, 5)).toEqual([27, 29, 30, 35, 38]);
  });
});

describe("takeRows", () => {
  it("takes the given rows of every column", () => {
    const columns = [Float64Array.of(1, 2, 3), Float64Array.of(4, 5, 6)];
    expect(takeRows(columns, [2, 0])).toEqual([Float64Array.of(3, 1), Float64Array.of(6, 4)]);
  });
});
