import { FEATURE_REFERENCE as REFERENCE } from "@streamgauge/testing";
import { expect, test } from "vitest";
import { segmentsJson } from "./segments-json.js";
import type { ColumnBin, Segment } from "./segments.js";

const SEEN = { start: Date.UTC(2026, 0, 5), end: Date.UTC(2026, 0, 6), hours: 24 };
const all = { rows: 1000, absolute: 1500, squares: 3000, errors: 0 };

function segment(excess: number, standsOut: boolean, ...where: readonly ColumnBin[]): Segment {
  return {
    where,
    sums: { rows: 100, absolute: 150, squares: 300, errors: 0 },
    isSampled: where.length > 1,
    baseline: 1,
    excess,
    eValue: standsOut ? 1e6 : 1,
    standsOut,
  };
}

test("of the segments that do not stand out, those of two features are not listed: their excess is that of a sample", () => {
  const segments = [
    segment(40, true, { column: 0, bin: 3 }, { column: 1, bin: 3 }),
    segment(973, false, { column: 0, bin: 4 }, { column: 1, bin: 4 }),
    segment(50, false, { column: 0, bin: 7 }),
    segment(-5, false, { column: 0, bin: 8 }),
  ];
  const json = segmentsJson({
    model: "m@1",
    reference: REFERENCE,
    seen: SEEN,
    earlier: undefined,
    found: { all, earlier: undefined, tested: 4, nextEValue: 80, segments },
  });
  expect(json.segments.map(({ text }) => text)).toEqual(['bmi 4 to 8, city "Oslo"', "bmi 5 to 6"]);
  expect([json.tested, json.standing_out]).toEqual([4, 1]);
});
