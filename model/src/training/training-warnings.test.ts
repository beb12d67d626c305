import { expect, it } from "vitest";
import { fitRidge } from "./fit-ridge.js";
import { trainingWarnings } from "./training-warnings.js";

const y = Float64Array.of(3, 5, 8, 9);
const rising = Float64Array.of(1, 2, 3, 4);

it("says nothing of a sound fit", () => {
  expect(trainingWarnings(["a"], fitRidge([rising], y, 0), 1e-6, 2.4)).toEqual([]);
});

it("names constant columns", () => {
  const fit = fitRidge([rising, new Float64Array(4).fill(2)], y, 0);
  expect(trainingWarnings(["a", "b"], fit, 0, 2.4)).toEqual(["These columns are constant and got the coefficient 0: b."]);
});

it("tells that columns repeat each other", () => {
  const fit = fitRidge([rising, rising.map((value) => -2 * value)], y, 0);
  expect(trainingWarnings(["a", "b"], fit, 0, 2.4)).toEqual([
    "Only 1 of 2 columns are independent of each other: the coefficients are the smallest of many that fit equally well. " +
      "Leave out the columns that repeat others, or set alpha above 0.",
  ]);
});

it("tells when float32 is too coarse for the data", () => {
  expect(trainingWarnings(["a"], fitRidge([rising], y, 0), 0.5, 2.4)).toEqual([
    "Rounding to float32 moves predictions by up to 0.500: a feature has a large mean beside its spread, such as a time in seconds. " +
      "Subtract a constant from it in the dataset.",
  ]);
});
