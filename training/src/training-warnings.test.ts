import { expect, it } from "vitest";
import { fitModel } from "./fitted-model.js";
import { trainingWarnings } from "./training-warnings.js";

const y = Float64Array.of(3, 5, 8, 9);
const linear = (x: readonly Float64Array[]) => fitModel({ x, y }, { kind: "linear", alpha: 0 });
const rising = Float64Array.of(1, 2, 3, 4);

it("says nothing of a sound fit", () => {
  expect(trainingWarnings(["a"], linear([rising]), 1e-6, 2.4)).toEqual([]);
});

it("names constant columns", () => {
  const fit = linear([rising, new Float64Array(4).fill(2)]);
  expect(trainingWarnings(["a", "b"], fit, 0, 2.4)).toEqual(["These columns are constant and got the coefficient 0: b."]);
});

it("says that columns repeat each other", () => {
  const fit = linear([rising, rising.map((value) => -2 * value)]);
  expect(trainingWarnings(["a", "b"], fit, 0, 2.4)).toEqual([
    "Only 1 of 2 columns are independent of each other: the coefficients are the smallest of many that fit equally well. " +
      "Leave out the columns that repeat others, or set alpha above 0.",
  ]);
});

it("says when float32 is too coarse for the data", () => {
  expect(trainingWarnings(["a"], linear([rising]), 0.5, 2.4)).toEqual([
    "Rounding to float32 moves predictions by up to 0.500: a feature has a large mean beside its spread, such as a time in seconds. " +
      "Subtract a constant from it in the dataset.",
  ]);
});
