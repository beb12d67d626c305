import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ErrorHistogram, NotAnAbsoluteErrorError } from "./error-histogram.js";
import { DIABETES_ERRORS } from "@streamgauge/testing";

function histogramOf(...batches: readonly (readonly number[])[]): ErrorHistogram {
  const histogram = new ErrorHistogram();
  for (const batch of batches) histogram.add(batch);
  return histogram;
}

/** `numpy.quantile` by its definition. */
function exactQuantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const position = q * (sorted.length - 1);
  const lower = sorted[Math.floor(position)] ?? NaN;
  const upper = sorted[Math.ceil(position)] ?? NaN;
  return lower + (upper - lower) * (position % 1);
}

describe("the errors of the linear regression on the diabetes study", () => {
  const histogram = histogramOf(DIABETES_ERRORS);

  // Computed with scikit-learn 1.2.1 and numpy.
  test("agree with numpy", () => {
    expect(histogram.count).toBe(442);
    expect(histogram.min).toBe(0.203958619933303);
    expect(histogram.max).toBe(155.8267661215517);
  });

  test.each([
    [0.05, 3.5624891251558326],
    [0.25, 18.20224047544764],
    [0.5, 38.52476456738316],
    [0.75, 62.67710169007677],
    [0.9, 88.9183915867707],
    [0.95, 99.18081732555115],
    [0.99, 130.38507507222656],
    [1, 155.8267661215517],
  ])("have numpy's quantile %d", (q, expected) => {
    expect(histogram.quantile(q)).toBeCloseTo(expected, 12);
  });

  test("fall into bins of ten as numpy counts them", () => {
    const bins = histogram.bins();
    expect(bins.map(({ count }) => count)).toEqual([59, 65, 57, 53, 46, 43, 35, 20, 21, 21, 6, 5, 6, 2, 1, 2]);
    expect(bins.map(({ from }) => from)).toEqual([0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 130, 140, 150]);
    expect(bins.at(-1)?.to).toBe(160);
  });
});

/** All that a histogram knows. */
function known(histogram: ErrorHistogram) {
  const [median, p95] = histogram.quantiles([0.5, 0.95]);
  return { count: histogram.count, median, p95, min: histogram.min, max: histogram.max, bins: histogram.bins() };
}

test("an empty histogram has no bins and no statistics", () => {
  expect(known(new ErrorHistogram())).toEqual({ count: 0, median: NaN, p95: NaN, min: NaN, max: NaN, bins: [] });
});

test.each([[45.2], [1e-300], [1e300], [0.3]])("one row of %d is in one bin and is every statistic", (value) => {
  const { bins, ...statistics } = known(histogramOf([value]));
  expect(statistics).toEqual({ count: 1, median: value, p95: value, min: value, max: value });
  expect(bins.filter(({ count }) => count > 0)).toEqual([{ from: expect.any(Number), to: expect.any(Number), count: 1 }]);
});

test("many equal errors stay exactly what they are", () => {
  const { count, median, p95 } = known(histogramOf(Array.from({ length: 10_000 }, () => 0.1)));
  expect({ count, median, p95 }).toEqual({ count: 10_000, median: 0.1, p95: 0.1 });
});

test("all zero is one full bin that starts at zero", () => {
  const { bins, median } = known(histogramOf(Array.from({ length: 5_000 }, () => 0)));
  expect(bins[0]).toEqual({ from: 0, to: 0.05, count: 5_000 });
  expect(median).toBe(0);
});

test("the smallest and the largest magnitudes are counted side by side", () => {
  const bins = histogramOf([1e-300, 1e-300, 1e300]).bins();
  expect(bins[0]?.count).toBe(2);
  expect(bins.at(-1)?.count).toBe(1);
});

test("a heavy tail ends in one bin to Infinity", () => {
  const near = Array.from({ length: 10_000 }, (_, index) => index / 1_000);
  const far = Array.from({ length: 100 }, (_, index) => 10 ** (3 + index / 50));
  const bins = histogramOf(near, far).bins();
  expect(bins.length).toBe(21);
  expect(bins.at(-2)).toEqual({ from: 9.5, to: 10, count: 500 });
  expect(bins.at(-1)).toEqual({ from: 10, to: Infinity, count: 100 });
});

test("one row in a hundred at a million times the others costs the others no resolution", () => {
  const values = Array.from({ length: 500_000 }, (_, index) => (index % 100 === 0 ? 1e6 : (index % 1_000) / 1_000));
  const histogram = histogramOf(values);
  expect(histogram.quantile(0.5)).toBeCloseTo(exactQuantile(values, 0.5), 3);
  expect(histogram.bins().at(-1)).toEqual({ from: 1, to: Infinity, count: 5_000 });
});

test("errors beyond the largest double are in the bin without an end", () => {
  const histogram = histogramOf([1, 2, Infinity]);
  expect([histogram.max, histogram.quantile(0.5), histogram.quantile(1)]).toEqual([Infinity, 2, Infinity]);
  expect(histogram.bins().at(-1)).toEqual({ from: 2.05, to: Infinity, count: 1 });
  for (const beyond of [[Infinity], [Number.MAX_VALUE, 1.7e308], Array.from({ length: 5_000 }, () => Infinity)]) {
    const bins = histogramOf(beyond).bins();
    expect(bins.at(-1)).toMatchObject({ to: Infinity, count: beyond.length });
    expect(bins.every(({ from }) => Number.isFinite(from))).toBe(true);
  }
});

test.each([NaN, -Infinity, -1])("%d is refused, and what came before it is kept", (value) => {
  const histogram = new ErrorHistogram();
  expect(() => histogram.add([1, value, 2])).toThrow(new NotAnAbsoluteErrorError(value));
  expect(histogram.count).toBe(1);
});

describe("for any errors", () => {
  const anyError = fc.oneof(
    fc.double({ min: 0, max: 1e300, noNaN: true }),
    fc.double({ min: 0, max: 100, noNaN: true }),
    // Values on the edges of bins and cells, where a rounded division would choose the wrong side.
    fc.tuple(fc.nat(9_999), fc.integer({ min: -6, max: 3 })).map(([digits, exponent]) => Number(`${digits}e${exponent}`)),
    fc.constantFrom(0, 0.3, 0.7, 1e-300, 1e300, 4.35),
  );
  const errors = fc.array(anyError, { minLength: 1, maxLength: 300 });

  test("the bins hold each value once, and as many as a naive count", () => {
    fc.assert(
      fc.property(errors, (values) => {
        const bins = histogramOf(values).bins();
        expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(values.length);
        for (const [index, { from, to, count }] of bins.entries()) {
          expect(count).toBe(values.filter((value) => value >= from && value < to).length);
          expect(bins[index + 1]?.from ?? to).toBe(to);
        }
      }),
    );
  });

  test("there are 12 to 30 bins, and perhaps one for the tail", () => {
    fc.assert(
      fc.property(errors, (values) => {
        const bins = histogramOf(values)
          .bins()
          .filter(({ to }) => to !== Infinity);
        expect(bins.length).toBeGreaterThanOrEqual(12);
        expect(bins.length).toBeLessThanOrEqual(30);
      }),
    );
  });

  test("neither batches nor their order matter", () => {
    fc.assert(
      fc.property(errors, errors, (some, others) => {
        expect(known(histogramOf([...others, ...some]))).toEqual(known(histogramOf(some, others)));
      }),
    );
  });

  test("merging what was saved is as good as having had all errors", () => {
    fc.assert(
      fc.property(errors, errors, fc.boolean(), (some, others, many) => {
        const large = many ? Array.from({ length: 5_000 }, (_, i) => i) : [];
        const merged = histogramOf(some);
        merged.merge(histogramOf(others, large).save());
        expect(known(merged)).toEqual(known(histogramOf(some, others, large)));
      }),
      { numRuns: 50 },
    );
  });

  test("beyond 4,096 rows a quantile is off by less than a thousandth, and nothing is lost", () => {
    fc.assert(
      fc.property(errors, fc.double({ min: 0, max: 1, noNaN: true }), (pattern, q) => {
        const values = Array.from({ length: 5_000 }, (_, index) => pattern[index % pattern.length] ?? 0);
        const histogram = histogramOf(values);
        expect(histogram.count).toBe(5_000);
        expect(histogram.bins().reduce((sum, { count }) => sum + count, 0)).toBe(5_000);
        const position = Math.ceil(q * 4_999);
        const larger = values.toSorted((a, b) => a - b)[position] ?? NaN;
        expect(Math.abs(histogram.quantile(q) - exactQuantile(values, q))).toBeLessThanOrEqual(larger * 1e-3 + 1e-300);
      }),
      { numRuns: 30 },
    );
  });
});
