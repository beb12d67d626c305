import { expect, test } from "vitest";
import { CodeLayout } from "./code-layout.js";
import { FeatureWindow } from "./feature-window.js";
import { FEATURE_WINDOW_FORMAT } from "./saved-feature-window.js";

const layout = new CodeLayout("0cba33ef67f1", [
  { of: "number", bins: 5 },
  { of: "text", bins: 5 },
  { of: "y_pred", bins: 4 },
]);
const START = 3_600_000;
const none: readonly string[] = [];

interface Row {
  readonly codes: Uint8Array;
  readonly error: number;
  readonly unseen: readonly string[];
}

const ROWS: readonly Row[] = [
  { codes: Uint8Array.of(2, 3, 2), error: 0.1, unseen: none },
  { codes: Uint8Array.of(3, 2, 2), error: -0.2, unseen: ["Mars"] },
  { codes: Uint8Array.of(2, 2, 1), error: 1e300, unseen: ["Moon"] },
];

function windowOf(rows: readonly Row[]): FeatureWindow {
  const window = new FeatureWindow(START, "m@1", layout);
  for (const { codes, error, unseen } of rows) {
    window.predict(codes, 0, unseen);
    window.label(codes, 0, error, true);
  }
  return window;
}

test("counts and sums by bin, unseen names, and pairs of features by groups", () => {
  const window = new FeatureWindow(START, "m@1", layout);
  window.predict(Uint8Array.of(9, 2, 3, 2), 1, none);
  window.predict(Uint8Array.of(3, 2, 2), 0, ["Mars"]);
  window.label(Uint8Array.of(3, 2, 2), 0, -0.5, true);
  expect(window.save()).toEqual({
    version: 1,
    start: 3_600_000,
    model: "m@1",
    layout: "0cba33ef67f1 n5 t5 y4",
    revision: 0,
    predicted: 2,
    labelled: 1,
    peak: 0.5,
    columns: [
      {
        bins: [
          { bin: 2, predicted: 1, labelled: 0, sums: [] },
          { bin: 3, predicted: 1, labelled: 1, sums: ["-1p-1", "1p-1", "1p-2"] },
        ],
        unseen: [],
      },
      {
        bins: [
          { bin: 2, predicted: 1, labelled: 1, sums: ["-1p-1", "1p-1", "1p-2"] },
          { bin: 3, predicted: 1, labelled: 0, sums: [] },
        ],
        unseen: [{ name: "Mars", count: 1, over: 0 }],
      },
      { bins: [{ bin: 2, predicted: 2, labelled: 1, sums: ["-1p-1", "1p-1", "1p-2"] }], unseen: [] },
    ],
    pairs: [{ columns: [0, 1], cells: [{ groups: [3, 7], labelled: 1, sums: ["-1p-1", "1p-1", "1p-2"] }] }],
  });
});

test("any order of rows leaves the same window, to the last bit", () => {
  expect(windowOf(ROWS.toReversed()).save().columns[0]).toEqual(windowOf(ROWS).save().columns[0]);
  expect(windowOf(ROWS.toReversed()).save().pairs).toEqual(windowOf(ROWS).save().pairs);
});

test("rows that are taken out, and labels that are corrected, leave no trace but the largest error", () => {
  const window = windowOf(ROWS);
  const { codes, unseen } = ROWS[2] ?? { codes: new Uint8Array(3), unseen: none };
  window.correct(codes, 0, 1e300, 4, true);
  window.label(codes, 0, 4, true, -1);
  window.predict(codes, 0, unseen, -1);
  expect(window.save()).toEqual({ ...windowOf(ROWS.slice(0, 2)).save(), peak: 1e300 });
});

test("beside rows that an earlier version counted, and beside an error beyond the largest double, the largest one is not known", () => {
  const { peak: _, ...earlier } = windowOf(ROWS.slice(0, 1)).save();
  const merged = windowOf(ROWS.slice(1)).merge(FEATURE_WINDOW_FORMAT.read(FEATURE_WINDOW_FORMAT.write(earlier)));
  expect(merged.save().peak).toBeUndefined();
  const window = windowOf(ROWS);
  window.label(Uint8Array.of(2, 3, 2), 0, Infinity, true);
  expect(window.save().peak).toBeUndefined();
  expect(new FeatureWindow(START, "m@1", layout).merge(windowOf([]).save()).save().peak).toBe(0);
});

test("a window goes through its saved form, and two of one hour become one", () => {
  const [one, other] = [windowOf(ROWS.slice(0, 1)), windowOf(ROWS.slice(1))];
  const saved = FEATURE_WINDOW_FORMAT.read(FEATURE_WINDOW_FORMAT.write(one.save()));
  const merged = new FeatureWindow(START, "m@1", layout).merge(saved).merge(other.save());
  expect(merged.save()).toEqual(windowOf(ROWS).save());
});
