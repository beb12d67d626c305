import { referenceOf } from "@streamgauge/core";
import { expect, test } from "vitest";
import { unwatchedFeatures } from "./unwatched-features.js";

const reference = referenceOf(2, new Map([["age", Float64Array.of(1, 2)]]), Float64Array.of(1, 2));

test("features of the reference, or of the model if it has none, can be watched", () => {
  expect(unwatchedFeatures({ name: "m", features: ["age", "bmi"], reference }, ["age"])).toBeUndefined();
  expect(unwatchedFeatures({ name: "m", features: ["age", "bmi"] }, ["bmi"])).toBeUndefined();
  expect(unwatchedFeatures({ name: "m", features: ["age", "bmi"] }, [])).toBeUndefined();
});

test("other names are refused, with those that can be watched", () => {
  expect(unwatchedFeatures({ name: "m", features: ["age", "bmi"], reference }, ["age", "bmi", "nope"])).toBe(
    'MONITOR_FEATURES names "bmi", "nope", and drift of model m can be watched in "age".',
  );
  expect(unwatchedFeatures({ name: "m", features: ["age", "bmi"] }, ["nope"])).toBe(
    'MONITOR_FEATURES names "nope", and drift of model m can be watched in "age", "bmi".',
  );
  // Only 64 features are watched.
  const features = Array.from({ length: 65 }, (_, i) => `x${i}`);
  expect(unwatchedFeatures({ name: "m", features }, ["x63"])).toBeUndefined();
  expect(unwatchedFeatures({ name: "m", features }, ["x64"])).toContain('names "x64"');
});
