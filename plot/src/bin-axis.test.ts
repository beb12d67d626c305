import { describe, expect, test } from "vitest";
import { binAxis } from "./bin-axis.js";
import type { Bin } from "@streamgauge/core";

const measure = (text: string): number => text.length * 16;

function equalBins(from: number, width: number, counts: readonly number[]): Bin[] {
  return counts.map((count, index) => ({ from: from + index * width, to: from + (index + 1) * width, count }));
}

describe("bins of ten from 20 on", () => {
  const axis = binAxis(equalBins(20, 10, [3, 0, 5, 2]), "progression score", 800, measure);

  test("have bars in the middle of units", () => {
    expect(axis.length).toBe(4);
    expect(axis.bars).toEqual([
      { at: 0.5, count: 3, isTail: false },
      { at: 1.5, count: 0, isTail: false },
      { at: 2.5, count: 5, isTail: false },
      { at: 3.5, count: 2, isTail: false },
    ]);
  });

  test("have ticks at their edges", () => {
    expect(axis.ticks.map(({ at, text }) => [at, text])).toEqual([
      [0, "20"],
      [1, "30"],
      [2, "40"],
      [3, "50"],
      [4, "60"],
    ]);
  });

  test("say where a value stands", () => {
    expect([20, 45, 60].map((value) => axis.positionOf(value))).toEqual([0, 2.5, 4]);
  });

  test("have the unit in the title", () => {
    expect(axis.title).toBe("Absolute error (progression score)");
  });
});

test("ticks without room are left out, those that stay are multiples from zero on", () => {
  const axis = binAxis(equalBins(30, 10, [1, 1, 1, 1, 1, 1, 1]), undefined, 7 * 40, measure);
  expect(axis.ticks.map(({ text }) => text)).toEqual(["40", "60", "80", "100"]);
  expect(axis.title).toBe("Absolute error");
});

test("the tail has a bar apart, with its own tick, where all its values stand", () => {
  const axis = binAxis([...equalBins(0, 10, [5, 4]), { from: 20, to: Infinity, count: 1 }], undefined, 650, measure);
  expect(axis.bars.at(-1)).toEqual({ at: 3, count: 1, isTail: true });
  expect(axis.ticks.at(-1)).toEqual({ at: 3, text: "≥ 20" });
  expect([19, 20, 1e9].map((value) => axis.positionOf(value))).toEqual([1.9, 3, 3]);
});

test("a tick beside the tail's is left out when their labels would touch", () => {
  const axis = binAxis([...equalBins(0, 10, [5, 4]), { from: 20, to: Infinity, count: 1 }], undefined, 200, measure);
  expect(axis.ticks.map(({ text }) => text)).toEqual(["0", "≥ 20"]);
});

test("numbers of another magnitude are written with the power of ten in the title", () => {
  const bins = [0, 1, 2].map((index) => ({ from: index * 2e9, to: (index + 1) * 2e9, count: 1 }));
  const axis = binAxis(bins, "Pa", 600, measure);
  expect(axis.title).toBe("Absolute error (×10⁹ Pa)");
  expect(axis.ticks.map(({ text }) => text)).toEqual(["0", "2", "4", "6"]);
});
