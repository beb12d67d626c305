import { DIABETES_PRED, DIABETES_TRUE } from "@streamgauge/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { forEachMetric, metricValues } from "../statistics/metrics/metric-table.js";
import { ErrorWindow } from "./error-window.js";
import { LabelledRow, NO_TENTH } from "./labelled-row.js";
import { estimatedMae } from "./estimated-mae.js";
import { WINDOW_FORMAT } from "./saved-window.js";
import { windowJson } from "./window-json.js";

interface Row {
  readonly yTrue: number;
  readonly yPred: number;
  readonly lag: number;
  readonly model: string;
  readonly tenth: number;
}

function windowOf(rows: readonly Row[], unlabelled = 0): ErrorWindow {
  const window = new ErrorWindow("1h", 0);
  for (const { yTrue, yPred, lag, model, tenth } of rows) {
    window.predict(tenth, 7);
    window.label(new LabelledRow().set(yTrue, yPred, lag, model, tenth));
  }
  for (let i = 0; i < unlabelled; i += 1) window.predict(NO_TENTH, 7);
  return window;
}

const value = fc.oneof(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.constantFrom(0, 1e300, -1e300, 1.7e308, 1e-310));
const row: fc.Arbitrary<Row> = fc.record({
  yTrue: value,
  yPred: value,
  lag: fc.integer({ min: -5, max: 1e10 }),
  model: fc.constantFrom("", "m@1", "m@2"),
  tenth: fc.integer({ min: 0, max: NO_TENTH }),
});

describe("a window of the diabetes study", () => {
  const rows = Array.from(DIABETES_TRUE, (yTrue, i) => ({ yTrue, yPred: DIABETES_PRED[i] ?? 0, lag: 0, model: "m@1", tenth: i % 10 }));
  const window = windowOf(rows);
  const values = metricValues(window.errors());

  // scikit-learn 1.2.1
  test.each([
    ["mae", 43.27745202531506],
    ["rmse", 53.476128764026576],
    ["r2", 0.5177484222203498],
    ["max_error", 155.8267661215517],
  ] as const)("has scikit-learn's %s", (name, expected) => {
    expect(Math.abs(values[name] - expected)).toBeLessThanOrEqual(1e-12 * expected);
  });

  // numpy.quantile
  test.each([
    ["p50", 38.52476456738316],
    ["p95", 99.18081732555115],
    ["p99", 130.38507507222656],
  ] as const)("has numpy's %s to within a hundredth", (name, expected) => {
    expect(Math.abs(values[name] - expected)).toBeLessThanOrEqual(0.01 * expected);
  });
});

test("true values far from zero cost R² no digits", () => {
  const rows = [1e9 + 1, 1e9 + 2, 1e9 + 6].map((yTrue, i) => ({ yTrue, yPred: yTrue + ([1, -1, 4][i] ?? 0), lag: 0, model: "", tenth: 0 }));
  expect(windowJson(windowOf(rows).save(), [], 0)).toMatchObject({ mae: 2, bias: 4 / 3, r2: 1 - 18 / 14 });
});

test("the same rows give the same bits, also if the window was stored and read on the way", () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 30 }), fc.array(row, { maxLength: 30 }), (before, after) => {
      const whole = windowOf([...before, ...after]);
      const stored = ErrorWindow.of(WINDOW_FORMAT.read(WINDOW_FORMAT.write(windowOf(before).save())));
      for (const { yTrue, yPred, lag, model, tenth } of after) {
        stored.predict(tenth, 7);
        stored.label(new LabelledRow().set(yTrue, yPred, lag, model, tenth));
      }
      expect(WINDOW_FORMAT.write(stored.save())).toBe(WINDOW_FORMAT.write(whole.save()));
    }),
  );
});

test("two parts merge into the whole", () => {
  const finite = fc.record({ yTrue: fc.integer({ min: -1000, max: 1000 }), yPred: fc.integer({ min: -1000, max: 1000 }) });
  fc.assert(
    fc.property(fc.array(finite, { maxLength: 20 }), fc.array(finite, { maxLength: 20 }), (some, others) => {
      const rows = (part: typeof some) => part.map((each) => ({ ...each, lag: 5, model: "m", tenth: 3 }));
      const merged = ErrorWindow.of(windowOf(rows(some)).save());
      merged.merge(windowOf(rows(others)).save());
      const [is, should] = [merged, windowOf(rows([...some, ...others]))].map((each) => windowJson(each.save(), [], 0));
      for (const name of ["mae", "rmse", "bias", "r2", "p50", "p95", "labelled", "predicted", "lag_p50_s", "estimated_mae"] as const) {
        expect([name, is?.[name]]).toEqual([name, typeof should?.[name] !== "number" ? null : expect.closeTo(Number(should[name]), 9)]);
      }
    }),
  );
});

describe("a corrected label", () => {
  const at = (yTrue: number, yPred: number, model = "m", tenth = 0): Row => ({ yTrue, yPred, lag: 5, model, tenth });
  const set = ({ yTrue, yPred, lag, model, tenth }: Row) => new LabelledRow().set(yTrue, yPred, lag, model, tenth);
  const correct = (window: ErrorWindow, before: Row, yTrue: number) => window.correct(set(before), set({ ...before, yTrue }));

  test("leaves no trace in any figure, however wrong it was", () => {
    const wrong = at(999_999_999, 10, "m@2", 9);
    const window = windowOf([at(1, 2, "m@1"), at(2, 1, "m@1"), wrong], 1);
    expect(windowJson(window.save(), [], 0).max_error).toBe(999_999_989);
    correct(window, wrong, 6);
    expect(windowJson(window.save(), [], 0)).toMatchObject({
      predicted: 4,
      labelled: 3,
      mae: 2,
      rmse: Math.sqrt(6),
      bias: 4 / 3,
      r2: 1 - 18 / 14,
      max_error: 4,
      models: [
        { model: "m@1", labelled: 2, mae: 1, rmse: 1 },
        { model: "m@2", labelled: 1, mae: 4, rmse: 4 },
      ],
    });
  });

  test("far beyond the others of its version and tenth leaves their sums as the window's total gives them", () => {
    const rows = Array.from({ length: 10 }, () => at(0, 3, "m@1", 3));
    const wrong = at(1e9, 0, "m@1", 3);
    const window = windowOf([...rows, wrong, at(0, 5, "m@2", 7)]);
    correct(window, wrong, 3);
    const right = windowJson(windowOf([...rows, at(3, 0, "m@1", 3), at(0, 5, "m@2", 7)]).save(), [], 0);
    expect(windowJson(window.save(), [], 0)).toMatchObject({
      mae: 38 / 12,
      rmse: Math.sqrt(124 / 12),
      models: [
        { model: "m@1", mae: 3, rmse: 3 },
        { model: "m@2", mae: 5, rmse: 5 },
      ],
      estimated_mae: expect.closeTo(38 / 12, 7),
      estimated_low: expect.closeTo(right.estimated_low ?? Number.NaN, 7),
    });
  });

  test("as wrong as one of another version leaves the sums unknown that lost their digits", () => {
    const wrong = [at(1e9, 0, "m@1", 3), at(1e9, 0, "m@2", 7)] as const;
    const window = windowOf([at(0, 3, "m@1", 3), at(0, 5, "m@2", 7), ...wrong]);
    for (const each of wrong) correct(window, each, 3);
    expect(windowJson(window.save(), [], 0)).toMatchObject({
      mae: 3.5,
      rmse: Math.sqrt(13),
      models: [
        { model: "m@1", mae: 3, rmse: null },
        { model: "m@2", mae: 4, rmse: null },
      ],
      estimated_mae: expect.closeTo(3.5, 7),
      estimated_low: null,
    });
  });

  test.each([
    ["greatest", [at(0, 3), at(0, 1)], 0, 2, { max_error: 1 }],
    ["least", [at(0, -3), at(0, 1)], 0, -4, { max_error: 1 }],
    ["only", [at(0, -3)], 0, -3.5, { max_error: 0.5, p50: 0.5, bias: 0.5 }],
    ["infinite", [at(-1.7e308, 1.7e308), at(0, 1)], 0, 1.7e308, { max_error: 1, mae: null, rmse: null }],
  ] as const)("whose error was the %s gives the extremes of the others to within a hundredth", (_, rows, row, yTrue, expected) => {
    const window = windowOf(rows);
    correct(window, rows[row] ?? at(0, 0), yTrue);
    const json = windowJson(window.save(), [], 0);
    for (const [name, value] of Object.entries(expected)) {
      const is = json[name as keyof typeof expected];
      if (value === null) expect([name, is]).toEqual([name, null]);
      else expect(Math.abs(Number(is) - value)).toBeLessThanOrEqual(0.01 * value);
    }
  });

  test("that was the first one, and far beyond the others, leaves no R²", () => {
    const wrong = at(1e16, 2);
    const window = windowOf([wrong, at(2, 1), at(6, 10)]);
    correct(window, wrong, 1);
    expect(windowJson(window.save(), [], 0)).toMatchObject({ mae: 2, bias: 4 / 3, r2: null });
  });

  test("makes the window what it would have been", () => {
    const finite = fc.record({ yTrue: fc.integer({ min: -1000, max: 1000 }), yPred: fc.integer({ min: -1000, max: 1000 }) });
    const wrongly = fc.oneof(fc.integer({ min: -1000, max: 1000 }), fc.constantFrom(1e9, -1e12, 0));
    fc.assert(
      fc.property(fc.array(finite, { minLength: 1, maxLength: 20 }), fc.array(wrongly, { maxLength: 20 }), (truths, wrong) => {
        const rows = truths.map(({ yTrue, yPred }, i) => at(yTrue, yPred, `m@${i % 3}`, i % 4));
        // The first label stays as it is: see R² above.
        const sent = rows.map((each, i) => (i > 0 && i <= wrong.length ? { ...each, yTrue: wrong[i - 1] ?? 0 } : each));
        const window = windowOf(sent);
        for (const [i, each] of sent.entries()) if (rows[i] !== each) correct(window, each, rows[i]?.yTrue ?? 0);
        const [is, should] = [window, windowOf(rows)].map((each) => windowJson(each.save(), [], 0));
        for (const name of ["mae", "rmse", "bias", "labelled", "predicted"] as const)
          expect([name, is?.[name]]).toEqual([name, typeof should?.[name] !== "number" ? null : expect.closeTo(Number(should[name]), 9)]);
        for (const name of ["p50", "p95", "max_error"] as const)
          expect(Math.abs(Number(is?.[name]) - Number(should?.[name]))).toBeLessThanOrEqual(0.0101 * Number(should?.[name]));
        for (const [i, { mae, rmse }] of is?.models.entries() ?? []) {
          if (mae !== null) expect(mae).toBeCloseTo(should?.models[i]?.mae ?? Number.NaN, 3);
          if (rmse !== null) expect(rmse).toBeCloseTo(should?.models[i]?.rmse ?? Number.NaN, 3);
        }
      }),
    );
  });

  test("is read back to the same bits", () => {
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 20 }), fc.double({ min: -1e6, max: 1e6, noNaN: true }), (rows, truth) => {
        const window = windowOf(rows);
        correct(window, rows[0] ?? at(0, 0), truth);
        const read = ErrorWindow.of(WINDOW_FORMAT.read(WINDOW_FORMAT.write(window.save())));
        expect(WINDOW_FORMAT.write(read.save())).toBe(WINDOW_FORMAT.write(window.save()));
      }),
    );
  });
});

describe("the figures of a window", () => {
  test("of no predictions are null", () => {
    expect(windowJson(new ErrorWindow("1m", 60_000).save(), [], 0)).toEqual({
      start: "1970-01-01T00:01:00.000Z",
      end: "1970-01-01T00:02:00.000Z",
      state: "provisional",
      revision: 0,
      predicted: 0,
      labelled: 0,
      coverage: null,
      ...forEachMetric(() => null),
      estimated_mae: null,
      estimated_low: null,
      estimated_high: null,
      estimated_from_reference: null,
      lag_p50_s: null,
      lag_p95_s: null,
      alarms: [],
      models: [],
    });
  });

  test.each([
    ["open", 3_599_999, 0, "provisional"],
    ["over, with 95 % of the labels", 3_600_000, 1, "mature"],
    ["over, with fewer labels", 3_600_000, 2, "provisional"],
    ["over for longer than labels may take", 9_000_000, 2, "final"],
  ])("say that a window is %s", (_, now, unlabelled, state) => {
    const window = windowOf(Array<Row>(19).fill({ yTrue: 1, yPred: 1, lag: 0, model: "", tenth: 0 }), unlabelled);
    window.finalAt = 9_000_000;
    expect(windowJson(window.save(), [], now).state).toBe(state);
  });

  test("are null if an error is beyond the largest double", () => {
    const window = windowOf([{ yTrue: -1.7e308, yPred: 1.7e308, lag: 0, model: "", tenth: 0 }]);
    expect(windowJson(window.save(), [], 0)).toMatchObject({ labelled: 1, mae: null, rmse: null, p50: null, max_error: null });
  });

  test("are given by model version, the first twenty and the others together", () => {
    const rows = Array.from({ length: 23 }, (_, i) => ({ yTrue: 0, yPred: i, lag: 0, model: `m@${i}`, tenth: 0 }));
    const { models } = windowJson(windowOf(rows).save(), [], 0);
    expect(models).toHaveLength(21);
    expect(models.at(3)).toEqual({ model: "m@3", labelled: 1, mae: 3, rmse: 3 });
    expect(models.at(-1)).toEqual({ model: "(other)", labelled: 3, mae: 21, rmse: Math.sqrt((400 + 441 + 484) / 3) });
  });
});

describe("the estimated MAE", () => {
  const at = (tenth: number, error: number) => ({ yTrue: 0, yPred: error, lag: 0, model: "", tenth });

  test("weighs the tenths by their predictions, not by their labels", () => {
    // Tenth 0: 8 predictions, 2 labels, mean 2, variance 2. Tenth 9: 2 predictions, 2 labels, mean 20, variance 8.
    const window = windowOf([at(0, 1), at(0, 3), at(9, 18), at(9, 22)]);
    for (let i = 0; i < 6; i += 1) window.predict(0, 0);
    const half = 1.959963984540054 * Math.sqrt(0.64 * (2 / 2) + 0.04 * (8 / 2));
    const estimate = estimatedMae(window.save());
    expect(estimate?.value).toBeCloseTo(0.8 * 2 + 0.2 * 20, 12);
    expect([estimate?.low, estimate?.high]).toEqual([expect.closeTo(5.6 - half, 12), expect.closeTo(5.6 + half, 12)]);
    expect(estimate?.fromReference).toBe(0);
  });

  test("takes the mean of the reference for a tenth without labels, and says so", () => {
    const window = windowOf([at(0, 1), at(0, 3)]);
    for (let i = 0; i < 2; i += 1) window.predict(5, 0);
    expect(estimatedMae(window.save())).toBeUndefined();
    window.referenceMae = 10;
    expect(estimatedMae(window.save())).toMatchObject({ value: 6, fromReference: 0.5 });
  });
});

describe("several labels far beyond the others, corrected", () => {
  const Y_PRED = 206.1167;
  /** A window in which each label was first another. */
  function corrected(labels: readonly (readonly [first: number, right: number])[], order: readonly number[] = labels.map((_, i) => i)) {
    const window = new ErrorWindow("1d", 0);
    const row = (yTrue: number) => new LabelledRow().set(yTrue, Y_PRED, 0, "m@1", NO_TENTH);
    for (const [first] of labels) {
      window.predict(NO_TENTH, 0);
      window.label(row(first));
    }
    for (const i of order) {
      const [first = 0, right = 0] = labels[i] ?? [];
      if (first !== right) window.correct(row(first), row(right));
    }
    const { absolute, squared, signed, spreadTrue } = window.errors();
    return { absolute, squared, signed, spreadTrue };
  }

  test("leave no figure where digits are gone", () => {
    const { absolute, squared, signed } = corrected([
      [1e100, 100],
      [-3e100, 200],
      [120, 120],
      [250, 250],
    ]);
    expect([absolute, squared, signed]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
  });

  test("leave the sums that kept theirs", () => {
    const { absolute } = corrected([
      [1e15, 100],
      [-3e15, 200],
    ]);
    expect(absolute).toBeCloseTo(106.1167 + 6.1167, 9);
  });

  test("never leave a wrong figure", () => {
    const label = fc.double({ min: 0, max: 400, noNaN: true });
    const vast = fc
      .tuple(fc.integer({ min: 5, max: 140 }), fc.double({ min: -9, max: 9, noNaN: true }))
      .map(([power, digits]) => digits * 10 ** power);
    const rows = fc.array(fc.record({ right: label, first: fc.option(vast, { freq: 3 }) }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(rows, fc.infiniteStream(fc.nat()), (given, random) => {
        const labels = given.map(({ right, first }) => [first ?? right, right] as const);
        const order = labels.map((_, i) => [random.next().value, i] as const).sort(([one], [other]) => one - other);
        const sums = corrected(
          labels,
          order.map(([, i]) => i),
        );
        const errors = labels.map(([, right]) => Y_PRED - right);
        const absolute = errors.reduce((sum, error) => sum + Math.abs(error), 0);
        const squared = errors.reduce((sum, error) => sum + error * error, 0);
        const signed = errors.reduce((sum, error) => sum + error, 0);
        const isRight = (value: number, right: number, scale: number) => Number.isNaN(value) || Math.abs(value - right) <= 1e-6 * scale;
        expect(isRight(sums.absolute, absolute, absolute)).toBe(true);
        expect(isRight(sums.squared, squared, squared)).toBe(true);
        expect(isRight(sums.signed, signed, absolute)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});
