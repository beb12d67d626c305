/** A value at a point of a run: rows or hours since its begin. */
export interface Point {
  readonly at: number;
  readonly value: number;
}

/** How much the value grows for each unit of `at`, by least squares; NaN for fewer than two different points. */
export function slopeOf(points: readonly Point[]): number {
  const mean = (of: (point: Point) => number) => points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [at, value] = [mean((point) => point.at), mean((point) => point.value)];
  const spread = points.reduce((sum, point) => sum + (point.at - at) ** 2, 0);
  return spread === 0 ? Number.NaN : points.reduce((sum, point) => sum + (point.at - at) * (point.value - value), 0) / spread;
}

/** The points from `from` to `to`, as shares of the run: 0 is its first point, 1 its last one. */
export function partOf(points: readonly Point[], from: number, to: number): readonly Point[] {
  const [first = 0, last = 0] = [points[0]?.at, points.at(-1)?.at];
  const share = ({ at }: Point) => (at - first) / (last - first);
  return points.filter((point) => share(point) >= from && share(point) <= to);
}

/** How much the fitted line rises over the second half of a run. */
export function growthOf(points: readonly Point[]): number {
  const half = partOf(points, 0.5, 1);
  return slopeOf(half) * ((half.at(-1)?.at ?? 0) - (half[0]?.at ?? 0));
}

/**
 * How much the least value of the last quarter is above that of the second one; NaN if one of them has no point. What is open for a moment only
 * does not count, what is never closed does.
 */
export function floorGrowth(points: readonly Point[]): number {
  return floorOf(partOf(points, 0.75, 1)) - floorOf(partOf(points, 0.25, 0.5));
}

function floorOf(points: readonly Point[]): number {
  return points.length === 0 ? Number.NaN : Math.min(...points.map(({ value }) => value));
}

/**
 * How much the median of the last quarter is above that of the second one; NaN if one of them has no point. Processes that die and start again go up and
 * down, which a line through all their lives takes for growth.
 */
export function medianGrowth(points: readonly Point[]): number {
  return medianOf(partOf(points, 0.75, 1)) - medianOf(partOf(points, 0.25, 0.5));
}

function medianOf(points: readonly Point[]): number {
  const values = points.map(({ value }) => value).toSorted((one, other) => one - other);
  return values[Math.floor(values.length / 2)] ?? Number.NaN;
}
