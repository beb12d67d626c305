import { FEATURE_REFERENCE as REFERENCE, featureHours } from "@streamgauge/testing";
import { expect, test } from "vitest";
import { foundIn, SegmentHours } from "./find-segments.js";

const MONDAY = Date.UTC(2026, 0, 5);
const model = "m@1";
/** From 5 to 6: bin 2 is from 0 to 1. */
const hot = (codes: Uint8Array) => (codes[0] === 7 ? 4 : 1);

function hoursOf(windows: ReturnType<typeof featureHours>, earlier?: SegmentHours): SegmentHours {
  const hours = new SegmentHours(earlier);
  for (const window of windows) hours.add(window);
  return hours;
}

test("a bad range of values is named, with its figures", () => {
  const windows = featureHours({ first: MONDAY, hours: 6, rowsAnHour: 1000, seed: 1, factor: hot });
  const found = foundIn({ model, reference: REFERENCE, hours: hoursOf(windows) });
  expect(found).toMatchObject({
    model,
    reference: "0cba33ef67f1",
    start: "2026-01-05T00:00:00.000Z",
    end: "2026-01-05T06:00:00.000Z",
    hours: 6,
    rows: 6000,
    earlier: null,
    excess: null,
    standing_out: 1,
  });
  const [first, second] = found?.segments ?? [];
  expect(first).toMatchObject({
    text: "bmi 5 to 6",
    where: [{ feature: "bmi", kind: "range", from: 5, to: 6, texts: [] }],
    sampled: false,
    stands_out: true,
  });
  // One row in twenty has 3 too much, of 1.15 on average.
  expect(first?.share).toBeGreaterThan(0.1);
  expect(first?.share).toBeLessThan(0.16);
  expect((first?.mae ?? 0) / (first?.compared_mae ?? 1)).toBeGreaterThan(3);
  expect(second?.stands_out).toBe(false);
});

test("beside earlier windows the share is that of the whole excess", () => {
  const before = hoursOf(featureHours({ first: MONDAY, hours: 12, rowsAnHour: 1000, seed: 2 }));
  const now = hoursOf(featureHours({ first: MONDAY + 43_200_000, hours: 6, rowsAnHour: 1000, seed: 3, factor: hot }), before);
  const found = foundIn({ model, reference: REFERENCE, hours: now, earlier: before });
  expect(found?.earlier).toMatchObject({ start: "2026-01-05T00:00:00.000Z", end: "2026-01-05T12:00:00.000Z", hours: 12, rows: 12_000 });
  expect(found?.segments[0]?.text).toBe("bmi 5 to 6");
  // It is nearly all of what there is more than before.
  expect(found?.segments[0]?.share).toBeGreaterThan(0.6);
  expect(found?.segments[0]?.share).toBeLessThan(1.4);
  expect(found?.excess).toBeGreaterThan(0);
});

test("an hour of two partitions is one hour", () => {
  const one = featureHours({ first: MONDAY, hours: 6, rowsAnHour: 500, seed: 1, factor: hot });
  const other = featureHours({ first: MONDAY, hours: 6, rowsAnHour: 500, seed: 2, factor: hot });
  const both = one.flatMap((window, i) => [window, ...other.slice(i, i + 1)]);
  const found = foundIn({ model, reference: REFERENCE, hours: hoursOf(both) });
  expect([found?.hours, found?.rows, found?.segments[0]?.text]).toEqual([6, 6000, "bmi 5 to 6"]);
});

test("nothing is found of hours without labels", () => {
  const [window] = featureHours({ first: MONDAY, hours: 1, rowsAnHour: 0, seed: 1 });
  expect(foundIn({ model, reference: REFERENCE, hours: hoursOf(window === undefined ? [] : [window]) })).toBeUndefined();
});
