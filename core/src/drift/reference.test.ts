import { expect, test } from "vitest";
import { countsOf, isReferenceJson, referenceHash, referenceOf } from "./reference.js";

const reference = referenceOf(
  4,
  new Map<string, Float64Array | string[]>([
    ["x", Float64Array.of(1, 2, 2, Number.NaN)],
    ["city", ["Rome", "Rome", "", "Oslo"]],
    ["empty", new Float64Array(4).fill(Number.NaN)],
  ]),
  Float64Array.of(3, 3, 3, 3),
);

test("counts of each feature that has values, and of the predictions", () => {
  expect(reference).toEqual({
    rows: 4,
    features: {
      x: {
        bins: { kind: "number", edges: [1 - 1e-6, 1.5, 2 + 1e-6], centers: [1, 2], sd: expect.closeTo(0.4714045207910317, 12) },
        counts: [1, 0, 1, 2, 0],
      },
      city: { bins: { kind: "text", texts: ["Rome", "Oslo"], others: [] }, counts: [1, 0, 0, 2, 1] },
    },
    y_pred: { bins: { kind: "number", edges: [3 - 3e-6, 3 + 3e-6], centers: [3], sd: 0 }, counts: [0, 0, 4, 0] },
  });
});

test("it goes through JSON, and its hash follows from that", () => {
  const read: unknown = JSON.parse(JSON.stringify(reference));
  expect(isReferenceJson(read) && referenceHash(read)).toBe(referenceHash(reference));
  expect(referenceHash(reference)).toMatch(/^[0-9a-f]{12}$/);
  expect(referenceHash({ ...reference, rows: 5 })).not.toBe(referenceHash(reference));
});

test.each([
  ["a bin too few", { counts: [1, 2] }],
  ["edges that fall", { bins: { kind: "number", edges: [1, 3, 2], centers: [1, 2], sd: 1 } }],
  ["edges without bins", { bins: { kind: "number", edges: [1, 2, 3], centers: [1], sd: 1 } }],
])("%s: it is none", (_, wrong) => {
  const { x } = reference.features;
  expect(isReferenceJson({ ...reference, features: { x: { ...x, ...wrong } } })).toBe(false);
});

test("a reference of nothing is none: its rows would have codes without a column", () => {
  expect(isReferenceJson({ rows: 1, features: {} })).toBe(false);
  expect(isReferenceJson(JSON.parse(JSON.stringify(referenceOf(2, new Map(), Float64Array.of(1, 2)))))).toBe(true);
});

test("at most 64 features are monitored", () => {
  const columns = new Map(Array.from({ length: 70 }, (_, i) => [`f${i}`, Float64Array.of(1)]));
  expect(Object.keys(referenceOf(1, columns).features)).toEqual(Array.from({ length: 64 }, (_, i) => `f${i}`));
});

test("texts where numbers are expected are missing, and numbers among texts are unseen", () => {
  const { x, city } = reference.features;
  if (x === undefined || city === undefined) throw new Error("They are monitored.");
  expect([...countsOf(x.bins, ["1", "2"])]).toEqual([2, 0, 0, 0, 0]);
  expect([...countsOf(city.bins, Float64Array.of(1))]).toEqual([0, 0, 1, 0, 0]);
});
