import { expect, test } from "vitest";
import { DIABETES_PRED, DIABETES_TRUE } from "@streamgauge/testing";
import { ErrorStatistics } from "./error-statistics.js";

const yTrue = Float64Array.from(DIABETES_TRUE);
const yPred = Float64Array.from(DIABETES_PRED);

test("tells the diabetes regression's errors", () => {
  const statistics = new ErrorStatistics();
  statistics.add(yTrue, yPred);
  const { count, mae, rmse, r2, p50, p95, p99 } = statistics.summary();
  expect(count).toBe(442);
  expect(mae).toBeCloseTo(43.27745202531506, 11);
  expect(rmse).toBeCloseTo(53.476128764026576, 11);
  expect(r2).toBeCloseTo(0.5177484222203498, 13);
  expect([p50, p95, p99].map(Math.round)).toEqual([39, 99, 131]);
});

test("goes on from what was saved", () => {
  const [before, after] = [new ErrorStatistics(), new ErrorStatistics()];
  before.add(yTrue.subarray(0, 200), yPred.subarray(0, 200));
  after.restore(JSON.parse(JSON.stringify(before.save())));
  after.add(yTrue.subarray(200), yPred.subarray(200));
  const whole = new ErrorStatistics();
  whole.add(yTrue, yPred);
  expect(after.summary().count).toBe(442);
  expect(after.summary().mae).toBeCloseTo(whole.summary().mae, 11);
  expect(after.summary().p99).toBe(whole.summary().p99);
});

test("has nothing to say of no pairs", () => {
  expect(new ErrorStatistics().summary()).toEqual({
    count: 0,
    mae: Number.NaN,
    rmse: Number.NaN,
    r2: Number.NaN,
    bias: Number.NaN,
    p50: Number.NaN,
    p95: Number.NaN,
    p99: Number.NaN,
  });
});
