import { seededNumbers } from "@streamgauge/core";
import { describe, expect, test } from "vitest";
import { Dtaci } from "./dtaci.js";

/** What a row adds to the level of an expert. */
interface Expert {
  readonly gamma: number;
  alpha: number;
  weight: number;
}

/** Algorithm 2 of Gibbs and Candès as it is printed, one row after another, with weights that are never divided by their sum. @returns ᾱ before each row, and at the end. */
function printedAlgorithm(betas: readonly number[], target: number): number[] {
  const experts: Expert[] = [1, 2, 4, 8, 16, 32, 64, 128].map((thousandths) => ({ gamma: thousandths / 1000, alpha: target, weight: 1 }));
  const sigma = 0.005;
  const eta = Math.sqrt(3 / 100) * Math.sqrt((Math.log(8 * 100) + 2) / ((1 - target) ** 2 * target ** 3 + target ** 2 * (1 - target) ** 3));
  const total = () => experts.reduce((sum, { weight }) => sum + weight, 0);
  const output = () => experts.reduce((sum, { alpha, weight }) => sum + (weight / total()) * alpha, 0);
  const outputs: number[] = [];
  for (const beta of betas) {
    outputs.push(output());
    for (const expert of experts) {
      const loss = beta >= expert.alpha ? target * (beta - expert.alpha) : (1 - target) * (expert.alpha - beta);
      expert.weight *= Math.exp(-eta * loss);
    }
    const sum = total();
    for (const expert of experts) {
      expert.weight = (1 - sigma) * expert.weight + (sum * sigma) / 8;
      expert.alpha += expert.gamma * (target - (expert.alpha > beta ? 1 : 0));
    }
  }
  return [...outputs, output()];
}

function drawn(seed: number, count: number): number[] {
  const next = seededNumbers(seed);
  // From uniform, as of errors that keep their distribution, to errors that grow.
  return Array.from({ length: count }, (_, i) => next() ** (1 + i / 500));
}

describe.each([0.1, 0.05, 0.3, 0.01])("the level for α = %d", (target) => {
  test("is that of the algorithm as it is printed, row by row", () => {
    const betas = drawn(7, 1_000);
    const dtaci = new Dtaci(target);
    const levels = betas.map((beta) => {
      const level = dtaci.alpha;
      dtaci.step({ betas: Float64Array.of(beta), counts: [1] });
      return level;
    });
    const expected = printedAlgorithm(betas, target);
    for (const [i, level] of [...levels, dtaci.alpha].entries()) expect(level).toBeCloseTo(expected[i] ?? Number.NaN, 11);
  });
});

test("the first steps from 0.1 are those that one computes by hand", () => {
  const dtaci = new Dtaci(0.1);
  dtaci.step({ betas: Float64Array.of(0.05), counts: [1] });
  // Every expert missed: 0.1 + γ (0.1 − 1), and all have the same weight.
  expect(Array.from(dtaci.alphas, (alpha) => alpha.toFixed(4))).toEqual([
    "0.0991",
    "0.0982",
    "0.0964",
    "0.0928",
    "0.0856",
    "0.0712",
    "0.0424",
    "-0.0152",
  ]);
  expect(dtaci.alpha).toBeCloseTo(0.1 - (0.9 * 0.255) / 8, 12);
});

describe("rows that share an announcement", () => {
  test("make one step with the means of what each missed, as many times γ as there are rows, at the most eight", () => {
    const level = (rows: number) => {
      const dtaci = new Dtaci(0.1);
      dtaci.step({ betas: Float64Array.of(0.05, 0.5), counts: [rows / 4, (rows * 3) / 4] });
      return dtaci.alphas[0];
    };
    expect(level(4)).toBeCloseTo(0.1 + 0.004 * (0.1 - 0.25), 12);
    expect([level(8), level(80), level(80_000)]).toEqual(Array(3).fill(expect.closeTo(0.1 + 0.008 * (0.1 - 0.25), 12)));
  });

  test("are scored by the levels that they were announced with, whatever the levels are by now", () => {
    const dtaci = new Dtaci(0.1);
    const announced = dtaci.alphas.slice();
    for (let i = 0; i < 5; i += 1) dtaci.step({ betas: Float64Array.of(0), counts: [1] });
    const before = dtaci.alphas.slice();
    expect(before[7]).toBeLessThan(0);
    dtaci.step({ betas: Float64Array.of(0.05), counts: [1] }, announced);
    // The quickest expert is below 0.05 by now, and was above it then.
    expect(Array.from(dtaci.alphas, (alpha, i) => alpha - (before[i] ?? 0))).toEqual(
      [1, 2, 4, 8, 16, 32, 64, 128].map((thousandths) => expect.closeTo(-0.9 * (thousandths / 1000), 12)),
    );
  });

  test("may be none", () => {
    const dtaci = new Dtaci(0.1);
    dtaci.step({ betas: new Float64Array(), counts: [] });
    expect(dtaci.alpha).toBeCloseTo(0.1, 15);
  });
});

test("losses that are all enormous leave weights of sum 1", () => {
  const dtaci = new Dtaci(0.001);
  for (let i = 0; i < 200; i += 1) dtaci.step({ betas: Float64Array.of(i % 2), counts: [1_000] });
  expect(dtaci.weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
  expect(dtaci.alpha).not.toBeNaN();
});
