import { emptySums, type BinSums } from "./bin-sums.js";

/** Bins that are compared with each other: so many, from the first on, each `step` after the one before. */
interface Line {
  readonly first: number;
  readonly step: number;
  readonly bins: number;
}

const FIELDS = ["rows", "absolute", "squares", "errors"] as const;

/**
 * What each bin is compared with: the sums of all other bins, and, of a pair of features, also those of the others of each of its two bins.
 *
 * @param width - bins of the second feature; 1 if there is none. @returns shape [comparisons][bins]
 */
export function othersOf(sums: BinSums, width: number): readonly BinSums[] {
  const bins = sums.rows.length;
  const all = othersIn(sums, [{ first: 0, step: 1, bins }]);
  if (width === 1) return [all];
  const height = bins / width;
  const byFirst = Array.from({ length: height }, (_, one) => ({ first: one * width, step: 1, bins: width }));
  const bySecond = Array.from({ length: width }, (_, other) => ({ first: other, step: width, bins: height }));
  return [all, othersIn(sums, byFirst), othersIn(sums, bySecond)];
}

/** The others of the line of each bin. */
function othersIn(sums: BinSums, lines: readonly Line[]): BinSums {
  const others = emptySums(sums.rows.length);
  for (const field of FIELDS) for (const line of lines) addOthers(sums[field], line, others[field]);
  return others;
}

/**
 * Adds up what is before each bin of a line and what is behind it. The whole less the bin would be wrong: beside one huge error, the sums of
 * the others are lost in the whole.
 */
function addOthers(values: Float64Array, { first, step, bins }: Line, others: Float64Array): void {
  let [before, behind] = [0, 0];
  for (let i = 0; i < bins; i += 1) {
    const [up, down] = [first + i * step, first + (bins - 1 - i) * step];
    others[up] = (others[up] ?? 0) + before;
    before += values[up] ?? 0;
    others[down] = (others[down] ?? 0) + behind;
    behind += values[down] ?? 0;
  }
}
