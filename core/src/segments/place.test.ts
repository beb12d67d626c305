import { FEATURE_REFERENCE as REFERENCE } from "@streamgauge/testing";
import { expect, test } from "vitest";
import { placesOf, placesText, placeText } from "./place.js";

test.each([
  [0, 0, "bmi missing"],
  [0, 1, "bmi up to 0"],
  [0, 2, "bmi 0 to 1"],
  [0, 21, "bmi 19 to 20"],
  [0, 22, "bmi above 20"],
  [1, 0, "city missing"],
  [1, 1, "city one of the rare texts"],
  [1, 2, "city unseen before"],
  [1, 4, 'city "Oslo"'],
  [2, 3, "prediction 10 to 20"],
])("column %i, bin %i: %s", (column, bin, text) => {
  expect(placesText(placesOf(REFERENCE, { where: [{ column, bin }] }))).toBe(text);
});

test.each([
  [0, 0, "bmi missing"],
  [0, 1, "bmi up to 0"],
  [0, 2, "bmi 0 to 4"],
  [0, 6, "bmi 16 to 20"],
  [0, 7, "bmi above 20"],
  [1, 1, "city one of the rare texts"],
  [1, 3, 'city "Oslo"'],
  [1, 7, "city unseen before"],
])("in pairs a group is several bins: column %i, group %i: %s", (column, bin, text) => {
  const [place] = placesOf(REFERENCE, {
    where: [
      { column, bin },
      { column: 0, bin: 0 },
    ],
  });
  expect(place === undefined ? "" : placeText(place)).toBe(text);
});

test("many texts are not all said", () => {
  const place = { feature: "city", kind: "texts" as const, from: null, to: null };
  expect(placeText({ ...place, texts: ["A", "B", "C"] })).toBe('city "A", "B" or "C"');
  expect(placeText({ ...place, texts: ["A", "B", "C", "D"] })).toBe('city "A", "B" or 2 others');
});

test.each([
  [-1e-6, 0.5, "x 0 to 0.5"],
  [0.999997, 1.5, "x 1 to 1.5"],
  [262.421, 303.023, "x 262.4 to 303"],
  [0.1 + 0.2, 0.7, "x 0.3 to 0.7"],
  [0.5, 1_234_567.8, "x 0 to 1230000"],
  [null, 0.1 + 0.2, "x up to 0.3"],
  [-1_234_567.8, null, "x above -1234570"],
  [-1.7e308, 1.7e308, "x -1.7e+308 to 1.7e+308"],
])("from %d to %d: %s", (from, to, text) => {
  expect(placeText({ feature: "x", kind: "range", from, to, texts: [] })).toBe(text);
});
