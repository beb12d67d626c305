import { seededNumbers } from "@streamgauge/core";
import { SignedValue } from "@streamgauge/core/windows";
import { describe, expect, test } from "vitest";
import { LEAST_LABELS, VersionWidths } from "./version-widths.js";

/** A row, as a test sees it. */
interface Row {
  readonly error: number;
  readonly halfWidth: number;
  readonly predictedAt: number;
}

function take(widths: VersionWidths, rows: readonly Row[], now: number): void {
  const error = new SignedValue();
  for (const row of rows) {
    error.set(row.error);
    widths.add(error, row.halfWidth, row.predictedAt);
  }
  widths.endCommit(now);
}

/** Errors that double at half time, of a normal distribution. */
function drawnErrors(seed: number, count: number): number[] {
  const next = seededNumbers(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  return Array.from({ length: count }, (_, i) => normal() * (i < count / 2 ? 10 : 20));
}

/** Three significant digits, rounded up: where the decimal cell of an error ends. */
function edgeOf(error: number): number {
  const [digits = "", exponent = "0"] = Math.abs(error).toExponential(17).split("e");
  return Number(`${Math.floor(Number(digits) * 100) + 1}e${Number(exponent) - 2}`);
}

/**
 * The same widths, worked out anew from all errors so far before each of them: one row a commit, announced at once, its label there before the next row.
 *
 * @returns the half width before each row; NaN while there is none.
 */
function plainWidths(errors: readonly number[], target: number): number[] {
  const gammas = [1, 2, 4, 8, 16, 32, 64, 128].map((thousandths) => thousandths / 1000);
  const spread = (1 - target) ** 2 * target ** 3 + target ** 2 * (1 - target) ** 3;
  const eta = Math.sqrt((3 / 100) * ((Math.log(800) + 2) / spread));
  let levels = gammas.map(() => target);
  let shares = gammas.map(() => 1 / 8);
  const edges = errors.map(edgeOf);
  return errors.map((_, t) => {
    if (t < 100) return Number.NaN;
    const weights = edges.slice(0, t).map((edge, i) => ({ edge, weight: 0.5 ** ((t - i) / 250) }));
    const sorted = weights.toSorted((one, other) => one.edge - other.edge);
    const whole = sorted.reduce((sum, { weight }) => sum + weight, 0);
    const mean = shares.reduce((sum, share, i) => sum + share * (levels[i] ?? 0), 0);
    let below = 0;
    const halfWidth = sorted.find(({ weight }) => (below += weight) >= (1 - mean) * whole - 1e-9 * whole)?.edge ?? sorted.at(-1)?.edge ?? 0;
    const smaller = sorted.filter(({ edge }) => edge < (edges[t] ?? 0)).reduce((sum, { weight }) => sum + weight, 0);
    const beta = 1 - smaller / whole;
    const losses = levels.map((level) => target * (beta - level) - Math.min(0, beta - level));
    const scaled = shares.map((share, i) => share * Math.exp(-eta * (losses[i] ?? 0)));
    const sum = scaled.reduce((all, each) => all + each, 0);
    shares = scaled.map((each) => 0.995 * (each / sum) + 0.005 / 8);
    levels = levels.map((level, i) => level + (gammas[i] ?? 0) * (target - (level > beta ? 1 : 0)));
    return halfWidth;
  });
}

/** One row a commit, 100 ms apart, each predicted with what was announced before. @returns the widths before each row. */
function runAlone(errors: readonly number[], coverage: number): { widths: VersionWidths; announced: number[] } {
  const widths = new VersionWidths(coverage);
  const announced = errors.map((error, i) => {
    const halfWidth = widths.halfWidth ?? Number.NaN;
    take(widths, [{ error, halfWidth, predictedAt: 100 * i + 50 }], 100 * i + 60);
    return halfWidth;
  });
  return { widths, announced };
}

/** The share of rows whose error is at most their width, over each stretch of so many rows: the least and the greatest. */
function coverages(errors: readonly number[], announced: readonly number[], stretch: number): [least: number, greatest: number] {
  const held = errors.map((error, i) => Number(Math.abs(error) <= (announced[i] ?? 0))).slice(LEAST_LABELS);
  let inside = held.slice(0, stretch).reduce((sum, each) => sum + each, 0);
  let [least, greatest] = [inside, inside];
  for (let end = stretch; end < held.length; end += 1) {
    inside += (held[end] ?? 0) - (held[end - stretch] ?? 0);
    [least, greatest] = [Math.min(least, inside), Math.max(greatest, inside)];
  }
  return [least / stretch, greatest / stretch];
}

describe("the half width of a version", () => {
  test.each([0.9, 0.8, 0.95])("for a coverage of %d is what a plain count over all errors gives, row by row", (coverage) => {
    const errors = drawnErrors(3, 1_500);
    const { announced } = runAlone(errors, coverage);
    const expected = plainWidths(errors, 1 - coverage);
    // Both add up in another order: a quantile that falls on an edge may be in the next cell, but hardly ever.
    const different = announced.filter((width, i) => !Object.is(width, expected[i]));
    expect(different.length).toBeLessThanOrEqual(2);
  });

  test("is not there before a hundred labels, and is a number of three digits then", () => {
    const { announced, widths } = runAlone(drawnErrors(5, 100), 0.9);
    expect(announced.every(Number.isNaN)).toBe(true);
    // The second half has standard deviation 20, the first one 10; 0.9 of the normal distribution is within 1.645 of them.
    expect(widths.halfWidth).toBeGreaterThan(16.45);
    expect(widths.halfWidth).toBeLessThan(40);
    expect(String(widths.halfWidth)).toMatch(/^\d\d\.\d$/);
  });

  test("holds the label in the wanted share of any 5,000 rows, also while the error doubles", () => {
    const errors = drawnErrors(11, 20_000);
    const [least, greatest] = coverages(errors, runAlone(errors, 0.9).announced, 5_000);
    expect(least).toBeGreaterThanOrEqual(0.89);
    expect(greatest).toBeLessThanOrEqual(0.91);
  });

  test.each([
    [1, 0],
    [10, 1],
    [100, 3],
    [5_000, 2],
  ])("does so with %d rows a commit whose widths are %d announcements old", (rows, age) => {
    const errors = drawnErrors(13, Math.max(20_000, rows * 40));
    const widths = new VersionWidths(0.9);
    const before: number[] = [];
    const announced: number[] = [];
    for (let i = 0; i * rows < errors.length; i += 1) {
      const halfWidth = before.at(-age) ?? Number.NaN;
      const latest = age === 0 ? (widths.halfWidth ?? Number.NaN) : halfWidth;
      const part = errors.slice(i * rows, (i + 1) * rows);
      announced.push(...part.map(() => latest));
      const predictedAt = 100 * (i - Math.max(0, age - 1)) - 50;
      take(
        widths,
        part.map((error) => ({ error, halfWidth: latest, predictedAt })),
        100 * i,
      );
      before.push(widths.halfWidth ?? Number.NaN);
    }
    const known = announced.findIndex((width) => !Number.isNaN(width));
    const held = errors.slice(known).filter((error, i) => Math.abs(error) <= (announced[known + i] ?? 0)).length;
    expect(Math.abs(held / (errors.length - known) - 0.9)).toBeLessThanOrEqual(0.01);
  });

  test("becomes what it was to the last bit after it was saved", () => {
    const errors = drawnErrors(17, 600);
    const whole = runAlone(errors, 0.9);
    let widths = new VersionWidths(0.9);
    for (const [i, error] of errors.entries()) {
      if (i % 97 === 0) widths = VersionWidths.of(JSON.parse(JSON.stringify(widths.save("m"))), 0.9);
      take(widths, [{ error, halfWidth: widths.halfWidth ?? Number.NaN, predictedAt: 100 * i + 50 }], 100 * i + 60);
    }
    expect(widths.save("m")).toEqual(whole.widths.save("m"));
  });

  test("is announced at most every 20 ms, and at once if the clock was set back", () => {
    const widths = new VersionWidths(0.9);
    const at = (now: number, error: number) => {
      take(widths, Array(100).fill({ error, halfWidth: Number.NaN, predictedAt: now }), now);
      return widths.halfWidth;
    };
    expect([at(1_000, 1), at(1_019, 50), at(1_020, 50), at(500, 700)]).toEqual([1.01, 1.01, 50.1, 701]);
  });

  test("is that of errors that are all 0, and none if errors are beyond the doubles", () => {
    expect(runAlone(Array(150).fill(0), 0.9).widths.halfWidth).toBe(0);
    expect(runAlone(Array(150).fill(Infinity), 0.9).widths.halfWidth).toBeUndefined();
  });
});
