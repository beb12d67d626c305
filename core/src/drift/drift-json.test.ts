import { expect, test } from "vitest";
import { seededNumbers } from "../seeded-numbers.js";
import { driftReport } from "./drift-json.js";
import { FeatureWindow } from "./feature-window.js";
import { monitoredReference } from "./monitored-reference.js";
import { referenceOf, type Values } from "./reference.js";
import { RowCoder } from "./row-coder.js";

const FEATURES = 40;
const ROWS = 2_000;
const names = Array.from({ length: FEATURES }, (_, i) => `f${i}`);
const random = seededNumbers(3);
const uniform = () => Float64Array.from({ length: ROWS }, () => random());
const reference = referenceOf(ROWS, new Map(names.map((name) => [name, uniform()])), uniform());
const coder = new RowCoder(reference, names, []);

/** An hour of rows. @param shift - added to the values of the last feature. */
function hour(start: number, shift: number) {
  const columns = names.map((_, i) => (i === FEATURES - 1 ? uniform().map((value) => value + shift) : uniform()));
  const codes = coder.codesOf(columns, uniform());
  const window = new FeatureWindow(start, "m@1", codes.layout);
  for (let row = 0; row < ROWS; row += 1) window.predict(codes.bytes, row * codes.layout.width, []);
  return window.save();
}

test("windows with the hash of another reference are not added, though their bins are as many", () => {
  const other = hour(0, 0);
  const [hash = "", ...columns] = other.layout.split(" ");
  const another = { ...other, layout: ["0123456789ab", ...columns].join(" ") };
  expect(hash).not.toBe("0123456789ab");
  expect(driftReport(monitoredReference(reference, []), [hour(0, 0), another])?.total.rows).toBe(2_000);
  expect(driftReport(monitoredReference(reference, []), [another])).toBeUndefined();
});

test("drift of one feature of 40 is flagged from the hour in which it begins, and nothing else", () => {
  const windows = [hour(0, 0), hour(3_600_000, 0), hour(7_200_000, 0.3), hour(10_800_000, 0.3)];
  const report = driftReport(monitoredReference(reference, []), windows);
  const drifted = report?.hours.map(({ start, features }) => [start, features.filter((one) => one.drifted).map(({ name }) => name)]);
  expect(drifted).toEqual([
    ["1970-01-01T00:00:00.000Z", []],
    ["1970-01-01T01:00:00.000Z", []],
    ["1970-01-01T02:00:00.000Z", ["f39"]],
    ["1970-01-01T03:00:00.000Z", ["f39"]],
  ]);
  expect(report?.total.rows).toBe(8_000);
  const last = report?.hours[3]?.features.find(({ name }) => name === "f39");
  // 0.3 of a uniform distribution's 1/√12, each of the values beyond the range at its end: E min(0.3, 1 − u) = 0.255.
  expect(last?.wasserstein).toBeCloseTo(0.255 * Math.sqrt(12), 1);
});

test("missing and unseen texts are counted, the latter by name; hours of two partitions are one", () => {
  const cities = referenceOf(4, new Map<string, Values>([["city", ["Rome", "Rome", "Oslo", "Oslo"]]]));
  const ofCities = new RowCoder(cities, ["city"], []);
  const windowOf = (texts: readonly string[]) => {
    const { bytes, layout, unseen } = ofCities.codesOf([texts], new Float64Array(texts.length));
    const window = new FeatureWindow(0, "m@1", layout);
    for (const row of texts.keys()) window.predict(bytes, row, typeof unseen?.[row] === "string" ? [texts[row] ?? ""] : []);
    return window.save();
  };
  const report = driftReport(monitoredReference(cities, []), [windowOf(["Rome", "Mars", ""]), windowOf(["Mars", "Moon"])]);
  expect(report?.hours).toHaveLength(1);
  expect(report?.total).toMatchObject({
    rows: 5,
    features: [
      {
        name: "city",
        missing: 1,
        unseen: 3,
        wasserstein: null,
        // Missing, other, unseen, Oslo, Rome.
        counts: [1, 0, 3, 0, 1],
        unseen_names: [
          { name: "Mars", count: 2, over: 0 },
          { name: "Moon", count: 1, over: 0 },
        ],
      },
    ],
  });
});

test("no rows, and rows by another reference, are no drift", () => {
  expect(driftReport(monitoredReference(reference, []), [])).toBeUndefined();
  expect(driftReport(monitoredReference(reference, ["f0"]), [hour(0, 0)])).toBeUndefined();
});
