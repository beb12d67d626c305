import { expect, it } from "vitest";
import { regressionError } from "./regression-error.js";

it("agrees with the example of scikit-learn's user guide", () => {
  const error = regressionError(Float64Array.of(3, -0.5, 2, 7), Float64Array.of(2.5, 0, 2, 8));
  expect(error.rows).toBe(4);
  expect(error.mae).toBe(0.5);
  expect(error.rmse).toBeCloseTo(0.6123724356957945, 14);
  expect(error.r2).toBeCloseTo(0.9486081370449679, 14);
});

it("has no R² if the target does not vary", () => {
  expect(regressionError(Float64Array.of(2, 2), Float64Array.of(1, 3))).toEqual({ rows: 2, mae: 1, rmse: 1, r2: null });
});
