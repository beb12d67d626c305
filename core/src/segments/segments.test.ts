import { expect, test } from "vitest";
import type { SegmentHour } from "./bin-sums.js";
import { binsInTime, halfNormalLosses, hoursOf, lognormalLosses, type PlantedRows } from "./fixtures/segment-rows.js";
import { SegmentSearch, type Segment } from "./segments.js";

function search(hours: readonly SegmentHour[], earlier?: readonly SegmentHour[]) {
  const before = earlier === undefined ? undefined : new SegmentSearch();
  for (const hour of earlier ?? []) before?.add(hour);
  const now = new SegmentSearch(before);
  for (const hour of hours) now.add(hour);
  return now.found();
}

function standing({ segments }: { readonly segments: readonly Segment[] }) {
  return segments.filter(({ standsOut }) => standsOut).map(({ where }) => where.map(({ column, bin }) => `${column}:${bin}`).join(" "));
}

function independent(columns: number, bins: number, seed = 1): PlantedRows["columns"] {
  return Array.from({ length: columns }, (_, column) => binsInTime(100 * seed + column, bins, 0));
}

const rows = { hours: 24, rowsAnHour: 500, bins: 20, columns: independent(40, 20), loss: lognormalLosses(7, 0.9) };

test("a bad bin of one of 40 columns stands out, and no other", () => {
  const found = search(hoursOf({ ...rows, factor: (codes) => (codes[12] === 7 ? 3 : 1) }));
  expect(standing(found)).toEqual(["12:7"]);
  const [first] = found.segments;
  // One row in twenty is in the bin; each has twice the mean of the others too much.
  expect(first?.sums.rows).toBeGreaterThan(550);
  expect(first?.sums.rows).toBeLessThan(650);
  expect((first?.sums.absolute ?? 0) / (first?.sums.rows ?? 1) / (first?.baseline ?? 1)).toBeCloseTo(3, 0);
  expect(first?.excess).toBeCloseTo((first?.sums.absolute ?? 0) - (first?.sums.rows ?? 0) * (first?.baseline ?? 0), 6);
});

test("one absurd error among the other rows does not hide a bad bin", () => {
  const factor = (codes: readonly number[]) => (codes[12] === 7 ? 3 : 1);
  const hours = hoursOf({ ...rows, factor });
  const absurd = hours.map((hour, i) => {
    if (i !== 5) return hour;
    const columns = hour.columns.map(({ rows: of, absolute, squares, errors }) => {
      const [more, squaresMore] = [absolute.slice(), squares.slice()];
      // The row is in the first bin of every column.
      more[0] = (more[0] ?? 0) + 1e5;
      squaresMore[0] = (squaresMore[0] ?? 0) + 1e10;
      return { rows: of, absolute: more, squares: squaresMore, errors };
    });
    return { ...hour, columns, peak: 1e5 };
  });
  const found = search(absurd);
  expect(standing(found)).toEqual(["12:7"]);
  // Its mean is below that of the others, of which one row has most of the error.
  expect(found.segments[0]?.excess).toBeLessThan(0);
});

test("a bin that is worse by less than the tolerance does not stand out, however sure that is", () => {
  const certain = { ...rows, rowsAnHour: 20_000, columns: independent(1, 20), loss: halfNormalLosses(4) };
  const found = (factor: number) => search(hoursOf({ ...certain, factor: (codes) => (codes[0] === 7 ? factor : 1) }));
  const [below, above] = [found(1.04), found(1.12)];
  expect(below.segments.find(({ where }) => where[0]?.bin === 7)?.eValue).toBeGreaterThan(1e4);
  expect([standing(below), standing(above)]).toEqual([[], ["0:7"]]);
});

test("a bad bin stands out in a single hour", () => {
  const found = search(hoursOf({ ...rows, hours: 1, rowsAnHour: 20_000, factor: (codes) => (codes[12] === 7 ? 3 : 1) }));
  expect(standing(found)).toEqual(["12:7"]);
});

test("a pair stands out whose bins do not", () => {
  // Rows of both groups have three times the error, the others of each half of it: no group alone is worse than another.
  const factor = ([one, other]: readonly number[]) => (one === 2 && other === 3 ? 3 : one === 2 || other === 3 ? 0.5 : 1.125);
  const found = search(
    hoursOf({ hours: 100, rowsAnHour: 2000, bins: 5, columns: independent(4, 5), loss: lognormalLosses(3, 0.5), factor, paired: 4 }),
  );
  expect(standing(found)).toEqual(["0:2 1:3"]);
  // One row in 25 of all 200,000, though one in ten was counted. It has 3 where the others have 0.91 on average.
  expect(found.segments[0]?.excess).toBeGreaterThan(0.85 * 8000 * 2.09);
  expect(found.segments[0]?.excess).toBeLessThan(1.15 * 8000 * 2.09);
});

test.each([
  ["twice", "half-normal errors", 10_080, 2, () => halfNormalLosses(4)],
  ["three times", "heavy-tailed errors", 20_160, 3, () => lognormalLosses(4, 0)],
])("%s the error in one row of 25, with %s, stands out among 28 pairs of features in %i rows", (_, __, rowsInAll, factor, loss) => {
  const found = search(
    hoursOf({
      hours: 36,
      rowsAnHour: rowsInAll / 36,
      bins: 5,
      columns: independent(8, 5),
      loss: loss(),
      factor: (codes) => (codes[1] === 2 && codes[3] === 3 ? factor : 1),
      paired: 8,
      pairedEvery: 1,
    }),
  );
  // Its two bins have a fifth of such rows each, so that they may stand out too.
  expect(standing(found).filter((name) => name.includes(" "))).toEqual(["1:2 3:3"]);
  const pair = found.segments.find(({ where }) => where.length === 2);
  expect(pair?.isSampled).toBe(false);
  expect((pair?.sums.absolute ?? 0) / (pair?.sums.rows ?? 1) / (pair?.baseline ?? 1)).toBeCloseTo(factor, 0);
});

test("a bad bin does not make its pairs stand out", () => {
  const found = search(
    hoursOf({
      hours: 50,
      rowsAnHour: 2000,
      bins: 5,
      columns: independent(4, 5),
      loss: lognormalLosses(5, 0),
      factor: ([, one]) => (one === 4 ? 2 : 1),
      paired: 4,
    }),
  );
  expect(standing(found)).toEqual(["1:4"]);
});

const always = (codes: readonly number[]) => (codes[3] === 0 ? 2 : 1);

test("beside earlier windows only what has become worse stands out", () => {
  const earlier = hoursOf({ ...rows, hours: 48, factor: always, columns: independent(10, 20, 2) });
  const later = { ...rows, loss: lognormalLosses(8, 0.9), columns: independent(10, 20, 3) };
  const now = hoursOf({ ...later, factor: (codes) => always(codes) * (codes[5] === 9 ? 3 : 1) });
  expect(standing(search(now)).toSorted()).toEqual(["3:0", "5:9"]);
  expect(standing(search(now, earlier))).toEqual(["5:9"]);
});

test("if every error doubles, no segment stands out: all of them have more than before", () => {
  const earlier = hoursOf({ ...rows, hours: 48, factor: always, columns: independent(10, 20, 2) });
  const now = hoursOf({ ...rows, loss: lognormalLosses(9, 0.9), factor: (codes) => 2 * always(codes), columns: independent(10, 20, 3) });
  const found = search(now, earlier);
  expect(standing(found)).toEqual([]);
  expect(found.segments.filter(({ excess }) => excess > 0).length).toBeGreaterThan(0.9 * found.tested);
});

test("segments with fewer than 30 rows are not looked at", () => {
  const found = search(hoursOf({ ...rows, hours: 1, rowsAnHour: 200, factor: (codes) => (codes[12] === 7 ? 100 : 1) }));
  expect([found.tested, standing(found)]).toEqual([0, []]);
});

test("sums beyond the largest double say nothing", () => {
  const hours = hoursOf({ ...rows, hours: 3, columns: independent(2, 20), factor: ([one], hour) => (hour === 1 && one === 4 ? 1e200 : 1) });
  expect(standing(search(hours))).toEqual([]);
});

test("one huge error leaves what the others are compared with as it is", () => {
  const of = (values: readonly number[]) => Float64Array.from(values);
  // 100 rows each: one error of 1e20 in the first bin, a mean of 1 in the second, of 2 in the third.
  const sums = { rows: of([100, 100, 100]), absolute: of([1e20, 100, 200]), squares: of([1e40, 100, 400]), errors: of([1e20, 0, 0]) };
  const { segments } = search([{ columns: [sums], pairs: [{ columns: [0, 1], width: 1, sums }], peak: 1e20 }]);
  const first = segments.filter(({ where }) => where[0]?.bin === 0);
  expect(first.map(({ baseline }) => baseline)).toEqual([1.5, 1.5]);
});

/** Streams without a bad segment: of how many one stands out. 1,000 streams may have 50. */
function flagged(streams: number, stream: (seed: number) => SegmentHour[]): number {
  return Array.from({ length: streams }, (_, seed) => standing(search(stream(seed + 1)))).filter(({ length }) => length > 0).length;
}

test("of 1,000 streams whose rows are all counted in pairs at most 50 have one that stands out", { timeout: 120_000 }, () => {
  const stream = { hours: 6, rowsAnHour: 250, bins: 5, paired: 3, pairedEvery: 1 };
  const streams = flagged(1000, (seed) => hoursOf({ ...stream, columns: independent(3, 5, seed), loss: lognormalLosses(seed, 0.9) }));
  expect(streams).toBeLessThanOrEqual(50);
});

test("of 1,000 streams without a bad segment, whose losses follow in time, at most 50 have one that stands out", () => {
  const streams = flagged(1000, (seed) =>
    hoursOf({ hours: 6, rowsAnHour: 250, bins: 10, columns: independent(5, 10, seed), loss: lognormalLosses(seed, 0.95), paired: 3 }),
  );
  expect(streams).toBeLessThanOrEqual(50);
});

test("nor of 1,000 whose values follow in time as the losses do", () => {
  const streams = flagged(1000, (seed) => {
    const columns = Array.from({ length: 5 }, (_, column) => binsInTime(1000 * seed + column, 10, 0.9));
    return hoursOf({ hours: 6, rowsAnHour: 250, bins: 10, columns, loss: lognormalLosses(seed, 0.9), paired: 3 });
  });
  expect(streams).toBeLessThanOrEqual(50);
});

test("nor of 1,000 beside earlier windows", () => {
  const streams = Array.from({ length: 1000 }, (_, seed) => {
    const stream = {
      rowsAnHour: 250,
      bins: 10,
      columns: independent(5, 10, seed + 1),
      loss: lognormalLosses(seed + 1, 0.9),
      factor: always,
    };
    return standing(search(hoursOf({ ...stream, hours: 6 }), hoursOf({ ...stream, hours: 6 })));
  });
  expect(streams.filter(({ length }) => length > 0).length).toBeLessThanOrEqual(50);
});
