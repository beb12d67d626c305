import { expect, test } from "vitest";
import { layoutOf, monitoredReference, unknownFeatures } from "./monitored-reference.js";
import { referenceHash, referenceOf } from "./reference.js";

/** Predictions that follow `strong`, and `weak` a little. */
const reference = referenceOf(
  4,
  new Map<string, Float64Array | string[]>([
    ["weak", Float64Array.of(1, 1, 2, 2)],
    ["city", ["Rome", "Rome", "Rome", "Rome"]],
    ["strong", Float64Array.of(1, 2, 1, 2)],
  ]),
  Float64Array.of(0, 10, 1, 11),
);

test("it says that it is of the first rows, and that is part of its hash", () => {
  const reference = referenceOf(1, new Map([["x", Float64Array.of(1)]]));
  const first = { ...reference, from: "first_rows" } as const;
  expect(monitoredReference(first, [])).toMatchObject({ rows: 1, from: "first_rows" });
  expect(monitoredReference(reference, [])).not.toHaveProperty("from");
  expect(monitoredReference(first, []).hash).not.toBe(monitoredReference(reference, []).hash);
});

test("the most important features come first, by the share of the predictions' variance that lies between their bins", () => {
  const { features } = reference;
  expect([features["weak"]?.importance, features["city"]?.importance, features["strong"]?.importance]).toEqual([
    expect.closeTo(1 / 101, 12),
    0,
    expect.closeTo(100 / 101, 12),
  ]);
  const monitored = monitoredReference(reference, []);
  expect(monitored.columns.map(({ name }) => name)).toEqual(["strong", "weak", "city", "y_pred"]);
  expect(layoutOf(monitored).text).toBe(`${referenceHash(reference)} n5 n5 t4 y7`);
});

test("features that are chosen have a hash of their own; chosen all, they have that of the reference", () => {
  const all = monitoredReference(reference, ["weak", "city", "strong"]);
  const chosen = monitoredReference(reference, ["city"]);
  expect(all.hash).toBe(referenceHash(reference));
  expect(chosen.hash).not.toBe(all.hash);
  expect(chosen.columns.map(({ name }) => name)).toEqual(["city", "y_pred"]);
});

test("names that the reference does not have", () => {
  expect(unknownFeatures(reference, ["weak", "height"])).toEqual(["height"]);
});
