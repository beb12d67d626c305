import { forEachMetric } from "@streamgauge/core";
import { DIABETES_PRED, DIABETES_TRUE } from "@streamgauge/testing";
import { expect, test } from "vitest";
import { KnownStatistics, statisticsOf, type Scored } from "./job-statistics.js";

function scored(yTrue: readonly number[] | undefined, yPred: readonly number[]): Scored {
  return { y_true: yTrue && Float64Array.from(yTrue), y_pred: Float64Array.from(yPred) };
}

async function* partsOf(...parts: readonly Scored[]): AsyncGenerator<Scored> {
  yield* parts;
}

test("the diabetes regression is as wrong as scikit-learn 1.2.1 and numpy say, however its rows are cut", async () => {
  const parts = [0, 100, 101, 300].map((from, i, all) =>
    scored(DIABETES_TRUE.slice(from, all[i + 1] ?? 442), DIABETES_PRED.slice(from, all[i + 1] ?? 442)),
  );
  const { bins, ...figures } = await statisticsOf(partsOf(...parts));
  expect(figures.count).toBe(442);
  expect(figures.mae).toBeCloseTo(43.27745202531506, 10);
  expect(figures.rmse).toBeCloseTo(53.476128764026576, 10);
  expect(figures.r2).toBeCloseTo(0.5177484222203499, 10);
  expect(figures.bias).toBeCloseTo(0, 10);
  expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(442);
  expect(bins[0]?.from).toBe(0);
});

test("rows without a label or a prediction are no pairs", async () => {
  const parts = partsOf(scored(undefined, [1, 2]), scored([1, Number.NaN, 3], [2, 5, Number.NaN]), scored([10], [7]));
  expect(await statisticsOf(parts)).toMatchObject({ count: 2, mae: 2, bias: -1, rmse: Math.sqrt(5), p50: 2, max_error: 3 });
});

test("of too few rows there is nothing to tell", async () => {
  expect(await statisticsOf(partsOf())).toEqual({ count: 0, ...forEachMetric(() => null), bins: [] });
  expect(await statisticsOf(partsOf(scored([2], [3])))).toMatchObject({ count: 1, mae: 1, r2: null });
});

test("a heavy tail is one bin without an end", async () => {
  const errors = [...Array.from({ length: 1_000 }, (_, i) => i / 100), 1e6];
  const { bins } = await statisticsOf(
    partsOf(
      scored(
        errors.map(() => 0),
        errors,
      ),
    ),
  );
  expect(bins.at(-1)).toMatchObject({ to: null });
  expect(bins.at(-2)?.to).toBe(bins.at(-1)?.from);
});

test("an error beyond the largest double is an overflow in every figure that it reaches", async () => {
  const { count, mae, max_error: largest, overflowed } = await statisticsOf(partsOf(scored([-1.7e308, 0], [1.7e308, 1])));
  expect([count, mae, largest]).toEqual([2, null, null]);
  expect(overflowed).toEqual(expect.arrayContaining(["mae", "max_error"]));
  expect(await statisticsOf(partsOf(scored([1, 2], [1, 3])))).not.toHaveProperty("overflowed");
});

test("are read once, and again when there may be more rows", async () => {
  let reads = 0;
  let rows = [scored([1], [2])];
  const known = new KnownStatistics(async function* () {
    reads += 1;
    yield* rows;
  });
  const job = { id: "j1", done: 1 };
  expect((await Promise.all([known.of(job), known.of(job)])).map(({ mae }) => mae)).toEqual([1, 1]);
  expect(reads).toBe(1);
  rows = [scored([1], [4])];
  expect((await known.of({ ...job, done: 2 })).mae).toBe(3);
  known.forget("j1");
  expect((await known.of({ ...job, done: 2 })).mae).toBe(3);
  expect(reads).toBe(3);
});

test("that could not be read are read again", async () => {
  let isAway = true;
  const known = new KnownStatistics(async function* () {
    if (isAway) throw new Error("the database is away");
    yield scored([1], [2]);
  });
  await expect(known.of({ id: "j1", done: 1 })).rejects.toThrow("away");
  isAway = false;
  expect((await known.of({ id: "j1", done: 1 })).mae).toBe(1);
});
