import { describe, expect, test } from "vitest";
import { exponentialLosses, lognormalLosses, take } from "../testing/loss-streams.js";
import { WatchedModel } from "../testing/watched-model.js";
import type { Baseline } from "./baseline.js";
import { ErrorMeans } from "./error-means.js";
import { SharperBaseline } from "./sharper-baseline.js";

/** A baseline that leaves much open. */
const WIDE: Baseline = {
  source: "logged",
  rows: 1_000,
  mean: 2,
  worse: 9,
  worseByHour: undefined,
  better: undefined,
  betterByHour: undefined,
};

/** 1 and 3 by turns: their mean is 2, their variance n / (n − 1). */
const ONES_AND_THREES = (row: number) => (row % 2 === 0 ? 1 : 3);

/** The upper bound of the mean of `rows` such errors, z standard errors above it. */
function upperOf(rows: number, z: number): number {
  return 2 + (z * Math.sqrt(rows / (rows - 1))) / Math.sqrt(rows);
}

function ofOnesAndThrees(rows: number): WatchedModel {
  const model = new WatchedModel({ tolerance: 0.05 });
  model.add(Array.from({ length: rows }, (_, row) => ONES_AND_THREES(row)));
  return model;
}

describe("each time the rows have doubled, m is what they say", () => {
  test("with three standard errors, at the end of the 1,024 rows in which they did", () => {
    const before = ofOnesAndThrees(2_047).alarm;
    expect(before.sharpened?.worse).toBe(before.baseline?.worse);
    const after = ofOnesAndThrees(4_096).alarm;
    expect(after.baseline?.worse).toBeCloseTo(upperOf(1_000, 1.6448536269514722) * 1.05, 12);
    expect(after.sharpened?.worse).toBeCloseTo(upperOf(4_096, 3) * 1.05, 12);
  });

  test("which with a reference of 1,000 rows is behind rows 2,048, 4,096 and 8,192", () => {
    const model = new WatchedModel();
    const losses = exponentialLosses(3);
    const looks: number[] = [];
    for (let row = 1; row <= 10_240; row += 1) {
      const before = model.alarm.sharpened?.worse;
      // A reference that is a tenth too high, so that each look lowers m.
      model.addFrom(() => (row <= 1_000 ? 1.1 : 1) * losses(), 1);
      if (row > 1_000 && model.alarm.sharpened?.worse !== before) looks.push(row);
    }
    expect(model.raised).toEqual([]);
    expect(looks).toEqual([2_048, 4_096, 8_192]);
  });

  test("and never moves back: an error that grows is not taken for what is usual", () => {
    const means = new Float64Array(ErrorMeans.doubles);
    const reference = new ErrorMeans(means);
    const rows = Float64Array.from({ length: 4_000 }, (_, row) => ONES_AND_THREES(row) * (row < 2_000 ? 1 : 2));
    for (const error of rows.subarray(0, 1_000)) reference.add(error);
    const sharper = new SharperBaseline();
    sharper.begin(means);
    sharper.add(rows, 1_000, 2_000);
    expect(sharper.look()).toBe(true);
    expect(sharper.of(WIDE, 0.05).worse).toBeCloseTo(upperOf(2_000, 3) * 1.05, 12);
    sharper.add(rows, 2_000, 4_000);
    expect(sharper.look()).toBe(true);
    expect(sharper.of(WIDE, 0.05).worse).toBeCloseTo(upperOf(2_000, 3) * 1.05, 12);
  });

  test("better is sharpened too", () => {
    const { baseline, sharpened } = ofOnesAndThrees(32_768).alarm;
    expect(sharpened?.better?.m).toBeGreaterThan(baseline?.better?.m ?? Infinity);
    expect(sharpened?.better?.m).toBeLessThan(2 * 0.95);
  });
});

test("rows on which an alarm is on add nothing", () => {
  const model = new WatchedModel({ every: { rows: 1_000 } });
  model.add(take(exponentialLosses(4), 3_072));
  const sharp = model.alarm.sharpened;
  model.add(new Float64Array(100_000).fill(0.01));
  expect(model.alarm.isOn("better")).toBe(true);
  model.add(take(exponentialLosses(5), 3_072));
  expect(model.alarm.sharpened?.worse).toBeGreaterThan(1);
  expect(model.alarm.sharpened?.worse).toBeLessThanOrEqual(sharp?.worse ?? 0);
});

test("a rise by a tenth behind 60,000 rows is noticed, which the first 1,000 alone hardly allow", () => {
  const delays = Array.from({ length: 5 }, (_, seed) => {
    const losses = lognormalLosses(700 + seed);
    const model = new WatchedModel();
    model.addFrom(losses, 60_000);
    const quiet = model.raised.length;
    model.addFrom(() => 1.1 * losses(), 100_000);
    return (model.raised[quiet]?.row ?? Infinity) - 60_000;
  });
  expect(Math.max(...delays)).toBeLessThan(100_000);
});
