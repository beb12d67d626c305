/** The largest double, as people read it. */
export const LARGEST_NUMBER = "1.8e308";

/**
 * The statistics that are no finite numbers because the errors, or sums of them, are beyond the largest double: ±Infinity, and NaN of as many
 * pairs as the statistic needs (R² needs two).
 */
export function overflowed(count: number, statistics: Readonly<Record<string, number>>): string[] {
  return Object.entries(statistics)
    .filter(([name, value]) => Math.abs(value) === Infinity || (Number.isNaN(value) && count >= (name === "r2" ? 2 : 1)))
    .map(([name]) => name);
}
