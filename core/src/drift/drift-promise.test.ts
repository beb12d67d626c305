import { expect, test } from "vitest";
import { autoregression, normals, type Numbers } from "../segments/fixtures/segment-rows.js";
import { seededNumbers } from "../seeded-numbers.js";
import { countedStream, referenceOfMany, type HourStream } from "./fixtures/hour-streams.js";
import { joinedHours, type HourCounts } from "./hour-counts.js";
import type { MonitoredReference } from "./monitored-reference.js";

const FEATURES = 40;
const WEEK = 168;

/** The names of what has drifted in each hour. */
function flaggedIn(reference: MonitoredReference, counted: HourCounts): string[][] {
  const spreads = counted.spreads();
  return counted.since(-Infinity).map((hour) => {
    const { counts, spread } = joinedHours(reference, [hour], spreads);
    return counts.stabilities(reference, spread).flatMap(({ name, drifted }) => (drifted ? name : []));
  });
}

/** What has drifted in the last hours together. */
function flaggedInLast(reference: MonitoredReference, counted: HourCounts, hours: number): string[] {
  const all = counted.since(-Infinity);
  const { counts, spread } = joinedHours(reference, all.slice(-hours), counted.spreads());
  return counts.stabilities(reference, spread).flatMap(({ name, drifted }) => (drifted ? name : []));
}

const withAny = (flagged: readonly string[][]) => flagged.filter((names) => names.length > 0).length;
const independent = (feature: number): Numbers => normals(1_000 + feature);
const following =
  (coefficient: number) =>
  (feature: number): Numbers =>
    autoregression(1_000 + feature, coefficient);

/** A course of the day that is as strong as what is by chance. */
function daily(feature: number, rowsAnHour: number): Numbers {
  const normal = normals(1_000 + feature);
  let row = 0;
  return () => {
    const hour = row++ / rowsAnHour;
    return (Math.SQRT2 * Math.sin((2 * Math.PI * (hour + feature)) / 24) + normal()) / Math.SQRT2;
  };
}

// What matters of values is their order alone. A reference that is off is so for all windows beside it: it takes many.
test.each([
  [50, 442, 20],
  [100, 8_000, 10],
  [150, 2_000, 20],
  [200, 442, 100],
  [250, 1_000, 50],
  [400, 8_000, 10],
  [600, 442, 100],
])(
  "of 1,000 windows of %i rows beside references of %i at most 50 flag one of 40 features",
  (rowsAnHour, rows, references) => {
    let flagged = 0;
    for (let part = 0; part < references; part += 1) {
      const reference = referenceOfMany(FEATURES, rows, seededNumbers(7 + part));
      const values = (feature: number) => seededNumbers(10_000 * (part + 1) + feature);
      const counted = countedStream(reference, { hours: 1_000 / references, rowsAnHour, values });
      // Each by itself, as a file is.
      for (const { counts } of counted.since(-Infinity)) flagged += counts.stabilities(reference).some(({ drifted }) => drifted) ? 1 : 0;
    }
    expect(flagged).toBeLessThanOrEqual(50);
  },
  120_000,
);

test.each<[string, HourStream]>([
  ["follow with 0.9", { hours: WEEK, rowsAnHour: 300, values: following(0.9) }],
  ["follow with 0.97", { hours: WEEK, rowsAnHour: 400, values: following(0.97) }],
  ["follow with 0.99", { hours: WEEK, rowsAnHour: 400, values: following(0.99) }],
  ["have a course of the day", { hours: WEEK, rowsAnHour: 200, values: (feature) => daily(feature, 200) }],
])(
  "of a week of values that %s at most 8 hours flag one of 40 features",
  (_, stream) => {
    const reference = referenceOfMany(FEATURES, 8_000, normals(3));
    const counted = countedStream(reference, stream);
    expect(withAny(flaggedIn(reference, counted))).toBeLessThanOrEqual(8);
    expect(flaggedInLast(reference, counted, 24)).toEqual([]);
    expect(flaggedInLast(reference, counted, WEEK)).toEqual([]);
  },
  120_000,
);

test("18 hours are enough for values that follow in time; a course of the day is known after three days", { timeout: 120_000 }, () => {
  const reference = referenceOfMany(FEATURES, 8_000, normals(3));
  const flagged = (stream: HourStream) => withAny(flaggedIn(reference, countedStream(reference, stream)));
  expect(flagged({ hours: 14, rowsAnHour: 300, values: following(0.9) })).toBe(14);
  expect(flagged({ hours: 18, rowsAnHour: 300, values: following(0.9) })).toBeLessThanOrEqual(3);
  expect(flagged({ hours: 48, rowsAnHour: 200, values: (feature) => daily(feature, 200) })).toBe(48);
  expect(flagged({ hours: 84, rowsAnHour: 200, values: (feature) => daily(feature, 200) })).toBeLessThanOrEqual(4);
});

/** A drift, of the first feature. @param first - hours from its beginning in which it has to be found. @param share - of its hours in which it has to be. */
interface Planted {
  readonly stream: Omit<HourStream, "shift">;
  readonly by: number;
  readonly from: number;
  readonly to?: number;
  readonly first: number;
  readonly share: number;
}

test.each<[string, Planted]>([
  ["half a deviation at the end", { stream: { hours: 50, rowsAnHour: 300, values: independent }, by: 0.5, from: 47, first: 1, share: 1 }],
  [
    "half a deviation for most of it",
    { stream: { hours: WEEK, rowsAnHour: 300, values: independent }, by: 0.5, from: 12, first: 1, share: 0.98 },
  ],
  ["one for ten hours", { stream: { hours: 48, rowsAnHour: 300, values: independent }, by: 1, from: 20, to: 30, first: 1, share: 1 }],
  ["one for half a day", { stream: { hours: WEEK, rowsAnHour: 300, values: independent }, by: 1, from: 60, to: 72, first: 1, share: 1 }],
  [
    "one, of values that follow with 0.9",
    { stream: { hours: WEEK, rowsAnHour: 1_000, values: following(0.9) }, by: 1, from: 24, first: 1, share: 0.95 },
  ],
  [
    "half a deviation, of values that follow",
    { stream: { hours: WEEK, rowsAnHour: 1_000, values: following(0.9) }, by: 0.5, from: 24, first: 6, share: 0.3 },
  ],
  [
    "one, of values that follow with 0.97",
    { stream: { hours: WEEK, rowsAnHour: 1_000, values: following(0.97) }, by: 1, from: 60, first: 6, share: 0.4 },
  ],
])(
  "of a drift by %s the first hours and most others are flagged",
  (_, { stream, by, from, to = stream.hours, first, share }) => {
    // Few features, judged as one of 40 is: a limit for fewer is lower.
    const reference = referenceOfMany(FEATURES, 8_000, normals(5));
    const values = (feature: number) => (feature < 5 ? stream.values(feature) : () => 0);
    const counted = countedStream(reference, { ...stream, values, shift: (hour) => (hour >= from && hour < to ? by : 0) });
    const inFirst = flaggedIn(reference, counted).map((names) => names.includes("f0"));
    expect(inFirst.slice(from, from + first)).toContain(true);
    expect(inFirst.slice(from, to).filter(Boolean).length / (to - from)).toBeGreaterThanOrEqual(share);
    expect(inFirst.slice(0, from).filter(Boolean).length).toBeLessThanOrEqual(2);
  },
  120_000,
);

test("a feature that becomes constant is flagged from its hour on, also of values that follow in time", () => {
  const reference = referenceOfMany(5, 8_000, normals(5));
  const value = autoregression(9, 0.9);
  let row = 0;
  const values = (feature: number) => (feature === 0 ? () => (row++ < 100 * 300 ? value() : 0.3) : following(0.9)(feature));
  const flagged = flaggedIn(reference, countedStream(reference, { hours: WEEK, rowsAnHour: 300, values }));
  expect(flagged.slice(100).every((names) => names.includes("f0"))).toBe(true);
  expect(flagged.slice(0, 100).filter((names) => names.includes("f0")).length).toBeLessThanOrEqual(2);
});
