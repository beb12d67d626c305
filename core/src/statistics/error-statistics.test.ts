import { expect, test } from "vitest";
import { DIABETES_PRED, DIABETES_TRUE } from "@streamgauge/testing";
import { ErrorStatistics } from "./error-statistics.js";

const yTrue = Float64Array.from(DIABETES_TRUE);
const yPred = Float64Array.from(DIABETES_PRED);

test("goes on from what was saved", () => {
  const [before, after] = [new ErrorStatistics(), new ErrorStatistics()];
  before.add(yTrue.subarray(0, 200), yPred.subarray(0, 200));
  after.merge(before.save());
  after.add(yTrue.subarray(200), yPred.subarray(200));
  const whole = new ErrorStatistics();
  whole.add(yTrue, yPred);
  expect(after.count).toBe(442);
  expect(after.values().mae).toBeCloseTo(whole.values().mae, 11);
  expect(after.values().p99).toBe(whole.values().p99);
});
