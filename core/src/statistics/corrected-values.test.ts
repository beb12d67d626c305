import { describe, expect, test } from "vitest";
import { seededNumbers } from "../seeded-numbers.js";
import { correctedValues } from "./corrected-values.js";
import { ErrorStatistics } from "./error-statistics.js";

type Pair = readonly [yTrue: number, yPred: number];

function statisticsOf(pairs: readonly Pair[]): ErrorStatistics {
  const statistics = new ErrorStatistics();
  statistics.add(
    Float64Array.from(pairs, ([yTrue]) => yTrue),
    Float64Array.from(pairs, ([, yPred]) => yPred),
  );
  return statistics;
}

function corrected(all: readonly Pair[], replaced: readonly Pair[], replacing: readonly Pair[]) {
  const [a, b, c] = [all, replaced, replacing].map((pairs) => statisticsOf(pairs).save());
  if (a === undefined || b === undefined || c === undefined) throw new Error("unreachable");
  return correctedValues({ all: a, replaced: b, replacing: c });
}

describe("the pairs (1, 2), (2, 1), (6, 10), of which 6 was first said to be something else", () => {
  const expected = { mae: 2, rmse: Math.sqrt(6), bias: 4 / 3, p50: 1, p95: 3.7, p99: 3.94, max_error: 4 };

  test.each([
    ["60", 60, 12],
    ["-7.5", -7.5, 12],
    ["a missing value of another program, 999999999", 999_999_999, 6],
  ])("%s", (_, wrong, digits) => {
    const values = corrected(
      [
        [1, 2],
        [2, 1],
        [wrong, 10],
      ],
      [[wrong, 10]],
      [[6, 10]],
    );
    for (const [name, value] of Object.entries(expected))
      expect([name, values[name as keyof typeof expected]]).toEqual([name, expect.closeTo(value, digits)]);
    // Σ(y − mean)² has lost its digits beside 10^18.
    expect(values.r2).toEqual(wrong > 1e6 ? Number.NaN : expect.closeTo(1 - 18 / 14, 12));
  });

  test("60 and then 7, which was wrong as well", () => {
    const values = corrected(
      [
        [1, 2],
        [2, 1],
        [60, 10],
      ],
      [
        [60, 10],
        [7, 10],
      ],
      [
        [7, 10],
        [6, 10],
      ],
    );
    expect([values.mae, values.max_error, values.p50]).toEqual([2, 4, 1]);
    expect(values.r2).toBeCloseTo(1 - 18 / 14, 12);
  });
});

test("a single pair that was corrected to its prediction has no error", () => {
  expect(corrected([[5, 3]], [[5, 3]], [[3, 3]])).toMatchObject({ mae: 0, rmse: 0, max_error: 0, p50: 0 });
});

test("20,000 pairs with 2,000 corrections have the figures of the right pairs", () => {
  const random = seededNumbers(7);
  const right = Array.from({ length: 20_000 }, (): Pair => [100 + 50 * random(), 100 + 50 * random()]);
  const wrong = right.map(([yTrue, yPred], i): Pair => [i % 10 === 0 ? 1_000 * random() : yTrue, yPred]);
  const changed = right.flatMap((_, i) => (i % 10 === 0 ? [i] : []));
  const pick = (pairs: readonly Pair[]) => changed.map((i): Pair => pairs[i] ?? [0, 0]);
  const values = corrected(wrong, pick(wrong), pick(right));
  const direct = statisticsOf(right).values();
  for (const name of ["mae", "rmse", "bias", "r2"] as const) expect([name, values[name]]).toEqual([name, expect.closeTo(direct[name], 9)]);
  for (const name of ["p50", "p95", "p99", "max_error"] as const)
    expect(Math.abs(values[name] / direct[name] - 1)).toBeLessThanOrEqual(0.001);
});
