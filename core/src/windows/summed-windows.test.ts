import { labelOne, type OneRow } from "@streamgauge/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { metricValues } from "../statistics/metrics/metric-table.js";
import { ErrorWindow, OTHER_VERSIONS } from "./error-window.js";
import { NO_TENTH } from "./labelled-row.js";
import { SummedWindows } from "./summed-windows.js";

function windowOf(rows: readonly OneRow[], start: number): ErrorWindow {
  const window = new ErrorWindow("1m", start);
  window.intervalTarget = 0.9;
  for (const row of rows) {
    window.predict(row.tenth, 7);
    labelOne(window, row);
  }
  window.predict(NO_TENTH, 7);
  return window;
}

/** The windows merged one by one, as they are stored. */
function mergedOf(windows: readonly ErrorWindow[]): ErrorWindow {
  const whole = new ErrorWindow("1m", 0);
  for (const window of windows) whole.merge(window.save());
  return whole;
}

function figuresOf(whole: ErrorWindow | SummedWindows) {
  const { predicted, labelled } = whole;
  return { predicted, labelled, models: whole.models(), values: metricValues(whole.errors()), ...whole.intervals(), lag: whole.lag(0.95) };
}

const value = fc.oneof(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.constantFrom(0, 1e300, -1e300, 1e-310));
const row: fc.Arbitrary<OneRow> = fc.record({
  yTrue: value,
  yPred: value,
  lagMs: fc.integer({ min: -5, max: 1e10 }),
  model: fc.constantFrom("", "m@1", "m@2"),
  tenth: fc.integer({ min: 0, max: NO_TENTH }),
  halfWidth: fc.constantFrom(Number.NaN, 0, 0.1, 57.3, 1e300),
});

test("the figures of several windows are, bit for bit, those of the windows merged", () => {
  fc.assert(
    fc.property(fc.array(fc.array(row, { maxLength: 8 }), { maxLength: 6 }), (parts) => {
      const windows = parts.map((rows, i) => windowOf(rows, 60_000 * i));
      expect(figuresOf(new SummedWindows(windows))).toEqual(figuresOf(mergedOf(windows)));
    }),
  );
});

test("versions beyond the twentieth count together, as in one window", () => {
  const at = (version: number): OneRow => ({ yTrue: 0, yPred: version, model: `m@${version}`, tenth: 0 });
  const windows = [0, 1].map((half) =>
    windowOf(
      Array.from({ length: 15 }, (_, i) => at(15 * half + i)),
      60_000 * half,
    ),
  );
  const models = new SummedWindows(windows).models();
  expect(models).toEqual(mergedOf(windows).models());
  expect(models.at(-1)).toMatchObject({
    model: OTHER_VERSIONS,
    moments: { count: 10, absolute: 20 + 21 + 22 + 23 + 24 + 25 + 26 + 27 + 28 + 29 },
  });
});
