import type { SegmentJson, SegmentsJson } from "@streamgauge/core/windows";
import { expect, test } from "vitest";
import { evidenceText, noteText, textsOf, verdictText } from "./segments-panel.js";

const SEGMENT: SegmentJson = {
  text: "bmi 5 to 6",
  where: [{ feature: "bmi", kind: "range", from: 5, to: 6, texts: [] }],
  rows: 1796,
  sampled: false,
  mae: 4,
  bias: -0.5,
  compared_mae: 1,
  excess: 5388,
  share: 0.1234,
  e_value: 1.5e9,
  stands_out: true,
};
const FOUND: SegmentsJson = {
  model: "m@1",
  reference: "0cba33ef67f1",
  start: "2026-01-05T00:00:00.000Z",
  end: "2026-01-08T00:00:00.000Z",
  hours: 72,
  rows: 36_000,
  mae: 1.15,
  earlier: null,
  excess: null,
  tested: 46,
  standing_out: 1,
  next_e_value: 920,
  segments: [SEGMENT],
};

test("the verdict is a sentence", () => {
  expect(verdictText(FOUND)).toBe("One segment stands out: bmi 5 to 6.");
  expect(verdictText({ ...FOUND, standing_out: 3 })).toBe("3 segments stand out, first of all bmi 5 to 6.");
  expect(verdictText({ ...FOUND, standing_out: 0 })).toBe("No segment stands out.");
  expect(verdictText({ ...FOUND, tested: 0, standing_out: 0, segments: [] })).toBe("There are too few labelled rows yet.");
});

test("the note says what was compared with what", () => {
  expect(noteText(FOUND)).toBe(
    "46 segments of 36,000 labelled rows of m@1 in 72 hours, each compared with all other rows. Of those that stand out at most 5 % do so by chance.",
  );
  const { start, end } = FOUND;
  expect(noteText({ ...FOUND, hours: 1, earlier: { start, end, hours: 24, rows: 100, mae: 1 } })).toBe(
    "46 segments of 36,000 labelled rows of m@1 in 1 hour, each compared with its own error in 24 hours before, which have a MAE of 1. " +
      "Of those that stand out at most 5 % do so by chance. Of a single hour it is not known whether errors that follow in time play a part.",
  );
});

test("a segment has its figures", () => {
  expect(textsOf(SEGMENT)).toEqual(["bmi 5 to 6", "1,796", "4", "1", "−0.5", "5,388", "12.3 %", "stands out, 10^9 to 1"]);
  expect(textsOf({ ...SEGMENT, sampled: true, stands_out: false, share: null, mae: null })).toEqual([
    "bmi 5 to 6",
    "1,796 of a sample",
    "overflow",
    "1",
    "−0.5",
    "5,388",
    "–",
    "10^9 to 1",
  ]);
});

test.each([
  [0.3, "none"],
  [1, "1 to 1"],
  [1234, "1,200 to 1"],
  [Number.MAX_VALUE, "10^308 to 1"],
])("an e-value of %d is %s", (value, text) => {
  expect(evidenceText(value)).toBe(text);
});
