import { expect, test } from "vitest";
import { chiSquaredQuantile } from "./chi-squared.js";

// scipy.stats.chi2.ppf, SciPy 1.17.1.
test.each([
  [0.05, 3, 0.35184631774927144],
  [0.95, 1, 3.841458820694124],
  [0.95, 21, 32.670573340917315],
  [0.995, 10, 25.18817957197117],
  [0.9992, 22, 48.996461215672724],
  [0.999999, 50, 112.60809249886348],
])("the quantile at %f with %i degrees of freedom", (probability, degrees, quantile) => {
  expect(Math.abs(chiSquaredQuantile(probability, degrees) / quantile - 1)).toBeLessThan(1e-9);
});
