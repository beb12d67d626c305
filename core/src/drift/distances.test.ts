import { expect, test } from "vitest";
import { jensenShannon, stabilityIndex, stabilityNoise, wasserstein } from "./distances.js";

// wasserstein_distance and jensenshannon of SciPy 1.17.1; the index by NumPy from its formula.
test.each([
  { places: [0, 1, 2, 3], reference: [10, 20, 30, 40], window: [40, 30, 20, 10], w: 1, js: 0.3918681606471551, psi: 0.8719768526109903 },
  {
    places: [-5.5, 0.25, 1, 7, 100],
    reference: [0, 3, 5, 2, 0],
    window: [4, 1, 0, 0, 9],
    w: 64.12857142857142,
    js: 0.9321130897096216,
    psi: 3.5046030591601793,
  },
  { places: [1, 2], reference: [7, 3], window: [70, 30], w: 0, js: 0, psi: 0.0012272075021091677 },
])("distances of $reference and $window", ({ places, reference, window, w, js, psi }) => {
  expect(wasserstein(places, reference, window)).toBeCloseTo(w, 12);
  expect(jensenShannon(reference, window)).toBeCloseTo(js, 12);
  expect(stabilityIndex(reference, window)).toBeCloseTo(psi, 12);
});

test("a side without rows has no distance, and everything is noise", () => {
  const [none, some] = [
    [0, 0],
    [1, 2],
  ];
  expect([wasserstein([1, 2], none, some), stabilityIndex(some, none)]).toEqual([Number.NaN, Number.NaN]);
  expect(stabilityNoise(some, none, 0.05)).toBe(Infinity);
});

test("the noise of 100 and 400 rows in three bins, at 5 %", () => {
  // 0.0125 · 5.991464547107979
  expect(stabilityNoise([20, 30, 50, 0], [100, 100, 200, 0], 0.05)).toBeCloseTo(0.0748933068388497, 12);
});
