import { describe, expect, test } from "vitest";
import { heldOutBaseline, loggedBaseline } from "./baseline.js";
import { hourOfWeek, HOURS } from "./hour-of-week.js";
import { Reference } from "./reference.js";

/** 1,000 errors: 1 and 3 by turns, in an order without dependence that shows. Their mean is 2, s² = 1000/999. */
function ofOnesAndThrees(): Reference {
  const reference = new Reference(0);
  for (let i = 0; i < 1_000; i += 1) reference.add(i % 2 === 0 ? 1 : 3);
  return reference;
}

describe("by the first rows", () => {
  test("m is the upper 95 % bound of the mean, and the tolerance on top", () => {
    const baseline = loggedBaseline(ofOnesAndThrees(), 0.05, false);
    const upper = 2 + (1.6448536269514722 * Math.sqrt(1_000 / 999)) / Math.sqrt(1_000);
    expect(baseline?.mean).toBeCloseTo(2, 12);
    expect(baseline?.worse).toBeCloseTo(upper * 1.05, 12);
    expect(baseline).toMatchObject({ source: "logged", rows: 1_000, worseByHour: undefined });
  });

  test("better is measured by the lower bound of errors that are capped at four times the mean of the first 50", () => {
    const { better } = loggedBaseline(ofOnesAndThrees(), 0.05, false) ?? {};
    // None of the 950 errors behind the first 50 is above the cap of 8; s² = 950/949.
    const lower = 2 - (1.6448536269514722 * Math.sqrt(950 / 949)) / Math.sqrt(950);
    expect(better?.cap).toBeCloseTo(8, 12);
    expect(better?.m).toBeCloseTo(lower * 0.95, 12);
    // The largest error loses 3 times the stake.
    expect(better?.scale).toBeCloseTo(3 / (8 / (lower * 0.95) - 1), 12);
  });

  test("nothing is gained on average, whatever the errors, while the capped mean is at least m", () => {
    const { better } = loggedBaseline(ofOnesAndThrees(), 0, false) ?? {};
    const { m = 0, cap = 0, scale = 0 } = better ?? {};
    const gain = (error: number) => scale * (1 - Math.min(error, cap) / m);
    expect(gain(m)).toBeCloseTo(0, 12);
    expect(gain(1e300)).toBeGreaterThanOrEqual(-3 - 1e-12);
    expect(1 + 0.3 * gain(Infinity)).toBeGreaterThan(0);
  });

  test("an error whose square is no double is left out", () => {
    const reference = ofOnesAndThrees();
    reference.add(1e200);
    reference.add(Infinity);
    expect(loggedBaseline(reference, 0.05, false)?.rows).toBe(1_000);
  });

  test("without an error above 0 there is no baseline", () => {
    const reference = new Reference(0);
    for (let i = 0; i < 1_000; i += 1) reference.add(0);
    expect(loggedBaseline(reference, 0.05, false)).toBeUndefined();
  });
});

describe("by hour of the week", () => {
  /** Thursday 00:00 has errors of 1, Thursday 01:00 of 10; Thursday 02:00 has too few rows to say anything. */
  function ofThreeHours(): Reference {
    const reference = new Reference(HOURS);
    for (let i = 0; i < 500; i += 1) {
      reference.add(1, 0);
      reference.add(10, 1);
    }
    for (let i = 0; i < 10; i += 1) reference.add(100, 2);
    return reference;
  }

  test("each hour has its own m", () => {
    const { worseByHour, betterByHour } = loggedBaseline(ofThreeHours(), 0.05, true) ?? {};
    expect(worseByHour?.[0]).toBeCloseTo(1.05, 12);
    expect(worseByHour?.[1]).toBeCloseTo(10.5, 12);
    expect(betterByHour?.[0]?.m).toBeCloseTo(0.95, 12);
    expect(betterByHour?.[1]?.m).toBeCloseTo(9.5, 12);
  });

  test("an hour that the reference hardly saw takes the greatest m, and is not watched for better", () => {
    const { worseByHour, betterByHour } = loggedBaseline(ofThreeHours(), 0.05, true) ?? {};
    expect(worseByHour?.[2]).toBe(worseByHour?.[1]);
    expect(worseByHour?.[167]).toBe(worseByHour?.[1]);
    expect(betterByHour?.[2]).toBeUndefined();
  });

  test.each([
    ["1970-01-01T00:59:59.999Z", 0],
    ["1970-01-05T00:00:00Z", 96],
    ["2026-11-29T04:30:00Z", 76],
    ["1969-12-31T23:59:59.999Z", 167],
  ])("%s is hour %d", (time, hour) => {
    expect(hourOfWeek(Date.parse(time))).toBe(hour);
  });

  test("a row without a time has no hour", () => {
    expect(hourOfWeek(Number.NaN)).toBeUndefined();
  });
});

describe("by a held-out figure", () => {
  test("its upper 95 % bound, by the standard deviation", () => {
    const { worse, mean, source, rows, better } = heldOutBaseline({ rows: 400, mae: 10, sd: 4 }, 0.05, undefined);
    expect(worse).toBeCloseTo((10 + (1.6448536269514722 * 4) / 20) * 1.05, 12);
    expect([mean, source, rows, better]).toEqual([10, "held-out", 400, undefined]);
  });

  test("without a standard deviation it counts as exact", () => {
    expect(heldOutBaseline({ rows: 400, mae: 10, sd: 0 }, 0.05, undefined).worse).toBe(10.5);
  });
});
