import { FEATURE_REFERENCE, featureHours } from "@streamgauge/testing";
import { expect, test } from "vitest";
import { DriftHours } from "./drift-over-time.js";

const MONDAY = Date.UTC(2026, 0, 5);

function foundIn(windows: ReturnType<typeof featureHours>) {
  const hours = new DriftHours(FEATURE_REFERENCE);
  for (const window of windows) hours.add(window);
  return hours.found("m@1");
}

test("of four hours the two in which a feature has moved are flagged, of that feature alone", () => {
  const found = foundIn(featureHours({ first: MONDAY, hours: 4, rowsAnHour: 2000, seed: 4, drift: (hour) => (hour >= 2 ? 5 : 0) }));
  expect(found).toMatchObject({
    model: "m@1",
    reference: "0cba33ef67f1",
    reference_rows: 1000,
    start: "2026-01-05T00:00:00.000Z",
    end: "2026-01-05T04:00:00.000Z",
    rows: 8000,
  });
  expect(found?.features.map(({ name, kind, drifted }) => [name, kind, drifted])).toEqual([
    ["bmi", "number", true],
    // Rome, Oslo and Lima are equally often, and 500, 300 and 200 times in the reference.
    ["city", "text", true],
    ["y_pred", "number", false],
  ]);
  expect(found?.times.map(({ start, rows, drifted }) => [start.slice(11, 16), rows, drifted])).toEqual([
    ["00:00", 2000, [false, true, false]],
    ["01:00", 2000, [false, true, false]],
    ["02:00", 2000, [true, true, false]],
    ["03:00", 2000, [true, true, false]],
  ]);
  const [bmi, city] = found?.features ?? [];
  expect(bmi?.counts.reduce((sum, rows) => sum + rows, 0)).toBe(8000);
  expect([bmi?.counts.length, bmi?.edges.length, city?.counts.length, city?.texts]).toEqual([23, 21, 6, ["Rome", "Oslo", "Lima"]]);
  // (1/3 − 1/2)·ln(2/3) + (1/3 − 0.3)·ln(10/9) + (1/3 − 0.2)·ln(5/3), nearly.
  expect(city?.psi).toBeCloseTo(0.1392, 1);
});

test("of 90 days there are 91 times of a day", () => {
  const found = foundIn(featureHours({ first: MONDAY + 3_600_000, hours: 2160, rowsAnHour: 2, seed: 1 }));
  expect([found?.times.length, found?.times[0]?.start, found?.times[0]?.rows]).toEqual([91, "2026-01-05T00:00:00.000Z", 46]);
  expect(found?.times.at(-1)).toMatchObject({ end: "2026-04-06T00:00:00.000Z", rows: 2 });
});

test("nothing has drifted of no windows", () => {
  expect(foundIn([])).toBeUndefined();
});
