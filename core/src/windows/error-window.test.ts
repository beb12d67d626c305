import { DIABETES_PRED, DIABETES_TRUE, labelOne, rankedRow, type OneRow } from "@streamgauge/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { forEachMetric, metricValues } from "../statistics/metrics/metric-table.js";
import { ErrorWindow } from "./error-window.js";
import { LabelledRow, NO_TENTH } from "./labelled-row.js";
import { estimatedMae } from "./estimated-mae.js";
import { WINDOW_FORMAT, type SavedWindow } from "./saved-window.js";
import { windowJson } from "./window-json.js";

function windowOf(rows: readonly OneRow[], unlabelled = 0): ErrorWindow {
  const window = new ErrorWindow("1h", 0);
  for (const row of rows) {
    window.predict(row.tenth, 7);
    labelOne(window, row);
  }
  for (let i = 0; i < unlabelled; i += 1) window.predict(NO_TENTH, 7);
  return window;
}

const value = fc.oneof(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.constantFrom(0, 1e300, -1e300, 1.7e308, 1e-310));
const row: fc.Arbitrary<OneRow> = fc.record({
  yTrue: value,
  yPred: value,
  lagMs: fc.integer({ min: -5, max: 1e10 }),
  model: fc.constantFrom("", "m@1", "m@2"),
  tenth: fc.integer({ min: 0, max: NO_TENTH }),
  halfWidth: fc.constantFrom(Number.NaN, 0, 0.1, 57.3, 1e300),
});

describe("a window of the diabetes study", () => {
  const rows = Array.from(DIABETES_TRUE, (yTrue, i) => ({ yTrue, yPred: DIABETES_PRED[i] ?? 0, lagMs: 0, model: "m@1", tenth: i % 10 }));
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

test("true values whose squares are near the largest double cost R² no digits", () => {
  const rows = [1e152, 1.000000001e152].map((yTrue) => ({ yTrue, yPred: 1e152, model: "", tenth: 0 }));
  expect(windowJson(windowOf(rows).save(), [], 0).r2).toBeCloseTo(-1, 6);
});

test.each([
  ["true values far from zero", 1e9],
  ["true values whose squares have more digits than a double", 2 ** 52 - 8],
])("%s cost R² no digits", (_, base) => {
  const rows = [base + 1, base + 2, base + 6].map((yTrue, i) => ({
    yTrue,
    yPred: yTrue + ([1, -1, 4][i] ?? 0),
    lagMs: 0,
    model: "",
    tenth: 0,
  }));
  expect(windowJson(windowOf(rows).save(), [], 0)).toMatchObject({ mae: 2, bias: 4 / 3, r2: 1 - 18 / 14 });
});

test("the same rows give the same bits, also if the window was stored and read on the way", () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 30 }), fc.array(row, { maxLength: 30 }), (before, after) => {
      const whole = windowOf([...before, ...after]);
      const stored = ErrorWindow.of(WINDOW_FORMAT.read(WINDOW_FORMAT.write(windowOf(before).save())));
      for (const each of after) {
        stored.predict(each.tenth, 7);
        labelOne(stored, each);
      }
      expect(WINDOW_FORMAT.write(stored.save())).toBe(WINDOW_FORMAT.write(whole.save()));
    }),
  );
});

test("the order of the rows decides nothing but the order of the versions", () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 30 }), (rows) => {
      const sorted = ({ models, ...rest }: SavedWindow) => ({
        ...rest,
        models: models.toSorted((one, other) => (one.model < other.model ? -1 : 1)),
      });
      expect(sorted(windowOf(rows.toReversed()).save())).toEqual(sorted(windowOf(rows).save()));
    }),
  );
});

test("two parts merge into the whole", () => {
  const finite = fc.record({ yTrue: fc.integer({ min: -1000, max: 1000 }), yPred: fc.integer({ min: -1000, max: 1000 }) });
  fc.assert(
    fc.property(fc.array(finite, { maxLength: 20 }), fc.array(finite, { maxLength: 20 }), (some, others) => {
      const rows = (part: typeof some) => part.map((each) => ({ ...each, lagMs: 5, model: "m", tenth: 3 }));
      const merged = ErrorWindow.of(windowOf(rows(some)).save());
      merged.merge(windowOf(rows(others)).save());
      const [is, should] = [merged, windowOf(rows([...some, ...others]))].map((each) => windowJson(each.save(), [], 0));
      for (const name of ["mae", "rmse", "bias", "r2", "p50", "p95", "labelled", "predicted", "lag_p50_s", "estimated_mae"] as const) {
        expect([name, is?.[name]]).toEqual([name, typeof should?.[name] !== "number" ? null : expect.closeTo(Number(should[name]), 9)]);
      }
    }),
  );
});

test("intervals are scored by the width that was announced: coverage, mean width and Winkler score", () => {
  const one = (error: number, halfWidth = Number.NaN) => ({ yTrue: 0, yPred: error, model: "m", tenth: 0, halfWidth });
  const window = windowOf([one(1, 2), one(-2, 2), one(5, 3), one(100), one(0, 1)]);
  window.intervalTarget = 0.8;
  // Widths 4, 4, 6 and 2; one label is outside by 2, which weighs 2 / 0.2 each.
  const figures = {
    interval_rows: 4,
    interval_target: 0.8,
    interval_coverage: 0.75,
    interval_width: 4,
    interval_score: expect.closeTo(9, 12),
  };
  expect(windowJson(window.save(), [], 0)).toMatchObject(figures);
  expect(windowJson(ErrorWindow.of(WINDOW_FORMAT.read(WINDOW_FORMAT.write(window.save()))).save(), [], 0)).toMatchObject(figures);
  const none = { interval_rows: 0, interval_target: null, interval_coverage: null, interval_width: null, interval_score: null };
  expect(windowJson(windowOf([one(1)]).save(), [], 0)).toMatchObject(none);
  const wide = windowOf([one(1, 1.7e308)]);
  wide.intervalTarget = 0.9;
  const beyond = windowJson(wide.save(), [], 0);
  expect([beyond.interval_width, beyond.overflowed]).toEqual([null, ["interval_width", "interval_score"]]);
});

describe("a corrected label", () => {
  const at = (yTrue: number, yPred: number, model = "m", tenth = 0): OneRow => ({ yTrue, yPred, lagMs: 5, model, tenth });
  const set = ({ yTrue, yPred, lagMs = 0, tenth, grid, halfWidth }: OneRow) =>
    new LabelledRow().set(yTrue, yPred, lagMs, tenth, grid, halfWidth);
  const correct = (window: ErrorWindow, before: OneRow, yTrue: number) =>
    window.correct(before.model, set(before), set({ ...before, yTrue }), { ...rankedRow(before, Math.abs(before.yPred - yTrue)), yTrue });

  test("is inside of its interval or outside of it as if it had been right at once", () => {
    const right = { ...at(10, 12), halfWidth: 3 };
    const wrong = { ...at(100, 12), halfWidth: 3 };
    const window = windowOf([right, wrong, at(5, 5)]);
    window.intervalTarget = 0.9;
    expect(windowJson(window.save(), [], 0)).toMatchObject({ interval_rows: 2, interval_coverage: 0.5, interval_width: 6 });
    correct(window, wrong, 9);
    expect(windowJson(window.save(), [], 0)).toMatchObject({
      interval_rows: 2,
      interval_target: 0.9,
      interval_coverage: 1,
      interval_width: 6,
      interval_score: 6,
    });
  });

  test("leaves no trace in any figure, however wrong it was", () => {
    const wrong = at(999_999_999, 10, "m@2", 9);
    const window = windowOf([at(1, 2, "m@1"), at(2, 1, "m@1"), wrong], 1);
    expect(windowJson(window.save(), [], 0).max_error).toBe(999_999_989);
    correct(window, wrong, 6);
    expect(windowJson(window.save(), [], 0)).toMatchObject({
      predicted: 4,
      labelled: 3,
      corrected: 1,
      mae: 2,
      rmse: Math.sqrt(6),
      bias: 4 / 3,
      r2: 1 - 18 / 14,
      max_error: 4,
      models: [
        { model: "m@1", labelled: 2, mae: 1, rmse: 1, r2: 1 - 2 / 0.5, bias: 0 },
        { model: "m@2", labelled: 1, mae: 4, rmse: 4, r2: null, bias: 4 },
      ],
    });
  });

  test.each([
    ["greatest", [at(0, 3), at(0, 1)], 0, 2, { max_error: 1 }],
    ["least", [at(0, -3), at(0, 1)], 0, -4, { max_error: 1 }],
    ["only", [at(0, -3)], 0, -3.5, { max_error: 0.5, p50: 0.5, bias: 0.5 }],
    ["infinite", [at(-1.7e308, 1.7e308), at(0, 1)], 0, 1.7e308, { max_error: 1, mae: 0.5, rmse: Math.SQRT1_2 }],
  ] as const)("whose error was the %s gives the extremes of the others to within a hundredth", (_, rows, row, yTrue, expected) => {
    const window = windowOf(rows);
    correct(window, rows[row] ?? at(0, 0), yTrue);
    const json = windowJson(window.save(), [], 0);
    for (const [name, value] of Object.entries(expected)) {
      const is = json[name as keyof typeof expected];
      expect(Math.abs(Number(is) - value)).toBeLessThanOrEqual(0.01 * value);
    }
  });

  test("makes the window what it would have been", () => {
    const label = fc.oneof(fc.double({ min: -1000, max: 1000, noNaN: true }), fc.constantFrom(1e9, -1e12, 1e160, -1e300, 1.7e308));
    const rows = fc.array(fc.record({ first: label, right: label, yPred: label }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(rows, (given) => {
        const window = windowOf(given.map(({ first, yPred }, i) => at(first, yPred, `m@${i % 3}`, i % 4)));
        for (const [i, { first, right, yPred }] of given.entries()) correct(window, at(first, yPred, `m@${i % 3}`, i % 4), right);
        const whole = windowOf(given.map(({ right, yPred }, i) => at(right, yPred, `m@${i % 3}`, i % 4)));
        const { extremes, corrected, worst: _ranked, ...is } = window.save();
        const { extremes: exact, corrected: none, worst: _unranked, ...should } = whole.save();
        expect(is).toEqual(should);
        expect([corrected, none]).toEqual([given.filter(({ first, right }) => first !== right).length, 0]);
        for (const [i, value] of extremes.entries()) {
          const right = exact[i] ?? Number.NaN;
          // Cells begin at 1e-300.
          expect(value === right || Math.abs(value - right) <= 0.0101 * Math.abs(right) + 1e-300).toBe(true);
        }
      }),
    );
  });

  test("whose error was too small for a cell, below zero, leaves the others as they were, also if the window was read back", () => {
    const rows = [at(1e-301, 0), at(0, 5), at(0, -7), at(0, -3)];
    const window = ErrorWindow.of(windowOf(rows).save());
    correct(window, at(1e-301, 0), -2);
    const saved = window.save();
    expect(saved.extremes.map((value) => Math.round(value * 100) / 100)).toEqual([-7, 5, 2]);
    expect(saved.errors).toEqual(windowOf([at(-2, 0), at(0, 5), at(0, -7), at(0, -3)]).save().errors);
    expect(window.signedQuantiles([0, 1 / 3, 2 / 3, 1]).map(Math.round)).toEqual([-7, -3, 2, 5]);
  });

  test("counts a row once, and not if its first label is in force again", () => {
    const window = windowOf([at(1, 2), at(5, 5)]);
    const counts = [9, 4, 1].map((yTrue, i) => {
      window.correct("m", set(at([1, 9, 4][i] ?? 0, 2)), set(at(yTrue, 2)), rankedRow(at(1, 2), 1));
      return window.save().corrected;
    });
    expect(counts).toEqual([1, 1, 0]);
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

test.each([
  ["all rows that it kept", 5, NaN],
  ["the five worst of six", 6, 1],
])("a window of the second version is read with %s among the worst", (_, rows, missing) => {
  const window = new ErrorWindow("1h", 0);
  window.referenceMae = 7;
  for (let line = 0; line < rows; line += 1) labelOne(window, { yTrue: 0, yPred: line, model: "m@1", tenth: 0, id: `row-${line}`, line });
  const { worstMissing: _missing, ...second } = window.save();
  const read = WINDOW_FORMAT.read(JSON.stringify({ ...second, version: 2, worst: second.worst.slice(0, 5) }));
  expect([read.version, read.worst, read.worstMissing]).toEqual([4, second.worst.slice(0, 5), missing]);
});

test("a window of the first version is read; what it kept less of is known", () => {
  const window = windowOf([{ yTrue: 1, yPred: 3, model: "m@1", tenth: 0 }]);
  window.referenceMae = 7;
  const {
    version: _version,
    corrected: _corrected,
    older: _older,
    worstMissing: _missing,
    intervals: _intervals,
    ...first
  } = window.save();
  const read = WINDOW_FORMAT.read(JSON.stringify({ ...first, version: 1 }));
  expect([read.version, read.corrected, read.older, windowJson(read, [], 0).mae]).toEqual([4, 0, 1, 2]);
  expect([read.worst, read.worstMissing]).toEqual([[], Infinity]);
});

test("a window of the third version is read, and has no intervals", () => {
  const { version: _version, intervals: _intervals, ...third } = windowOf([{ yTrue: 1, yPred: 3, model: "m@1", tenth: 0 }]).save();
  const read = WINDOW_FORMAT.read(JSON.stringify({ ...third, version: 3, referenceMae: 7, worstMissing: 1 }));
  expect([read.version, windowJson(read, [], 0).mae, windowJson(read, [], 0).interval_rows, read.intervals.target]).toEqual([4, 2, 0, NaN]);
});

describe("the figures of a window", () => {
  test("of no predictions are null", () => {
    expect(windowJson(new ErrorWindow("1m", 60_000).save(), [], 0)).toEqual({
      interval_rows: 0,
      interval_target: null,
      interval_coverage: null,
      interval_width: null,
      interval_score: null,
      start: "1970-01-01T00:01:00.000Z",
      end: "1970-01-01T00:02:00.000Z",
      state: "provisional",
      revision: 0,
      predicted: 0,
      labelled: 0,
      corrected: 0,
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
    const window = windowOf(Array<OneRow>(19).fill({ yTrue: 1, yPred: 1, lagMs: 0, model: "", tenth: 0 }), unlabelled);
    window.finalAt = 9_000_000;
    expect(windowJson(window.save(), [], now).state).toBe(state);
  });

  test("are null if an error is beyond the largest double", () => {
    const window = windowOf([{ yTrue: -1.7e308, yPred: 1.7e308, lagMs: 0, model: "", tenth: 0 }]);
    expect(windowJson(window.save(), [], 0)).toMatchObject({ labelled: 1, mae: null, rmse: null, p50: null, max_error: null });
  });

  test("are given by model version, the first twenty and the others together", () => {
    const rows = Array.from({ length: 23 }, (_, i) => ({ yTrue: 0, yPred: i, lagMs: 0, model: `m@${i}`, tenth: 0 }));
    const { models } = windowJson(windowOf(rows).save(), [], 0);
    expect(models).toHaveLength(21);
    expect(models.at(3)).toEqual({ model: "m@3", labelled: 1, mae: 3, rmse: 3, r2: null, bias: 3 });
    expect(models.at(-1)).toEqual({
      model: "(other)",
      labelled: 3,
      mae: 21,
      rmse: Math.sqrt((400 + 441 + 484) / 3),
      r2: 0,
      bias: 21,
    });
  });
});

describe("the estimated MAE", () => {
  const at = (tenth: number, error: number) => ({ yTrue: 0, yPred: error, lagMs: 0, model: "", tenth });

  test("weighs the tenths by their predictions, not by their labels", () => {
    // Tenth 0: 8 predictions, 2 labels, mean 2, variance 2. Tenth 9: 2 predictions, 2 labels, mean 20, variance 8.
    const window = windowOf([at(0, 1), at(0, 3), at(9, 18), at(9, 22)]);
    for (let i = 0; i < 6; i += 1) window.predict(0, 0);
    const half = 1.959963984540054 * Math.sqrt(0.64 * (2 / 2) + 0.04 * (8 / 2));
    const estimate = estimatedMae(window);
    expect(estimate?.value).toBeCloseTo(0.8 * 2 + 0.2 * 20, 12);
    expect([estimate?.low, estimate?.high]).toEqual([expect.closeTo(5.6 - half, 12), expect.closeTo(5.6 + half, 12)]);
    expect(estimate?.fromReference).toBe(0);
  });

  test("takes the mean of the reference for a tenth without labels, and says so", () => {
    const window = windowOf([at(0, 1), at(0, 3)]);
    for (let i = 0; i < 2; i += 1) window.predict(5, 0);
    expect(estimatedMae(window)).toBeUndefined();
    window.referenceMae = 10;
    expect(estimatedMae(window)).toMatchObject({ value: 6, fromReference: 0.5 });
  });
});
