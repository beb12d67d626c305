import { builtFile, DIABETES_PRED } from "@streamgauge/testing";
import { describe, expect, it } from "vitest";
import { fitRidge, predictRidge } from "./fit-ridge.js";
import { diabetesReference } from "./fixtures/diabetes-reference.js";
import { readDataset } from "./read-dataset.js";
import { readTable } from "./training-table.js";

const dataset = await readDataset(builtFile("features/assets/diabetes.csv"));
const features = dataset.header.slice(0, 10);
const diabetes = readTable(dataset, features, "target");

/** Largest difference relative to the expected value. */
function relativeDifference(actual: ArrayLike<number>, expected: readonly number[]): number {
  return Math.max(...expected.map((value, index) => Math.abs((actual[index] ?? NaN) / value - 1)));
}

describe("fitRidge", () => {
  it("agrees with scikit-learn's LinearRegression in raw units", () => {
    const fit = fitRidge(diabetes.x, diabetes.y, 0);
    expect(relativeDifference(fit.coefficients, diabetesReference.coefficients)).toBeLessThan(1e-9);
    expect(relativeDifference([fit.intercept], [diabetesReference.intercept])).toBeLessThan(1e-9);
    expect(fit.rank).toBe(10);
  });

  it("agrees with scikit-learn's Ridge after a StandardScaler", () => {
    const fit = fitRidge(diabetes.x, diabetes.y, 10);
    expect(relativeDifference(fit.coefficients, diabetesReference.ridge10.coefficients)).toBeLessThan(1e-9);
    expect(relativeDifference([fit.intercept], [diabetesReference.ridge10.intercept])).toBeLessThan(1e-9);
  });

  it("gives a constant column the coefficient 0 and leaves the others as they are", () => {
    const constant = new Float64Array(442).fill(0.1);
    const fit = fitRidge([constant, ...diabetes.x], diabetes.y, 0);
    expect(fit.coefficients[0]).toBe(0);
    expect(relativeDifference(fit.coefficients.subarray(1), diabetesReference.coefficients)).toBeLessThan(1e-9);
    expect(fit.rank).toBe(10);
  });

  it("answers the mean when every column is constant", () => {
    const fit = fitRidge([Float64Array.of(7, 7)], Float64Array.of(1, 3), 0);
    expect(fit).toMatchObject({ coefficients: Float64Array.of(0), intercept: 2, rank: 0 });
  });

  // Expected values: numpy.linalg.lstsq on standardised columns, numpy 2.4, which takes the minimum norm.
  it("takes the minimum norm for collinear columns, and returns their rank", () => {
    const x = [Float64Array.of(1, 2, 3, 4), Float64Array.of(2, 4, 6, 8), Float64Array.of(5, 1, 4, 2)];
    const fit = fitRidge(x, Float64Array.of(3, 5, 8, 9), 0);
    expect(relativeDifference(fit.coefficients, [1.097560975609756, 0.5487804878048776, 0.1585365853658538])).toBeLessThan(1e-12);
    expect(fit.intercept).toBeCloseTo(0.2865853658536608, 12);
    expect(fit.rank).toBe(2);
  });

  it("takes the minimum norm when rows are fewer than columns", () => {
    const x = [Float64Array.of(1, 2, 4), Float64Array.of(2, 3, 6), Float64Array.of(5, 1, 4), Float64Array.of(7, 1, 3)];
    const fit = fitRidge(x, Float64Array.of(3, 5, 8), 0);
    const expected = [0.7492042218126994, 0.554029150611493, 0.043055788239235504, -0.14483163008879202];
    expect(relativeDifference(fit.coefficients, expected)).toBeLessThan(1e-12);
    expect(fit.rank).toBe(2);
  });
});

describe("predictRidge", () => {
  it("agrees with scikit-learn's predictions", () => {
    const fit = fitRidge(diabetes.x, diabetes.y, 0);
    expect(relativeDifference(predictRidge(fit, diabetes.x, 442), DIABETES_PRED)).toBeLessThan(1e-9);
  });
});
