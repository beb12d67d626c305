import { expect, test } from "vitest";
import { fitBins } from "./fit-bins.js";

test.each([
  { what: "errors of a regression", from: [0.2, 99.2, 130.4, 155.8], bins: { first: 0, bins: 16, step: 1, exponent: 1 } },
  { what: "the largest far beyond p99: cut above p99", from: [0, 8, 10.2, 115], bins: { first: 0, bins: 21, step: 5, exponent: -1 } },
  { what: "p99 far beyond p95 too: cut above p95", from: [0, 12.9, 34, 300], bins: { first: 0, bins: 26, step: 5, exponent: -1 } },
  { what: "far from zero: starts near the smallest", from: [1000, 1900, 1990, 2000], bins: { first: 20, bins: 21, step: 5, exponent: 1 } },
  { what: "one value", from: [45.2, 45.2, 45.2, 45.2], bins: { first: 0, bins: 23, step: 2, exponent: 0 } },
  { what: "all zero", from: [0, 0, 0, 0], bins: { first: 0, bins: 21, step: 5, exponent: -2 } },
  { what: "zeros and a few others: nothing is cut", from: [0, 0, 0, 2], bins: { first: 0, bins: 21, step: 1, exponent: -1 } },
  {
    what: "closer than a cell: empty bins below",
    from: [1000, 1000.1, 1000.2, 1000.3],
    bins: { first: 989, bins: 12, step: 1, exponent: 0 },
  },
  { what: "the largest on an edge has a bin of its own", from: [0, 9, 9.9, 10], bins: { first: 0, bins: 21, step: 5, exponent: -1 } },
])("$what", ({ from: [min = NaN, p95 = NaN, p99 = NaN, max = NaN], bins }) => {
  expect(fitBins(min, p95, p99, max)).toEqual(bins);
});
