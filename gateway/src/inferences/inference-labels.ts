/** Labels of the rows of an inference request; NaN where there is none. Shape [rows] each. */
export interface InferenceLabels {
  /** The first label of each row. */
  readonly y_true: Float64Array;
  /** The label that corrects it, and when it was made, in ms since 1970. */
  readonly corrected: Float64Array;
  readonly correctedAt: Float64Array;
}

/** Labels of some rows that came together. */
export interface NewLabels {
  /** The request. */
  readonly id: string;
  readonly rows: readonly number[];
  readonly values: readonly number[];
  /** When they were corrected, ms since 1970; undefined if they are no corrections. */
  readonly correctedAt: number | undefined;
}

export function noLabels(rows: number): InferenceLabels {
  const none = () => new Float64Array(rows).fill(Number.NaN);
  return { y_true: none(), corrected: none(), correctedAt: none() };
}

/** Notes labels: of a row the first counts, and of its corrections the one that was made last; of two of one moment, the second. */
export function noteLabels(
  { y_true: labels, corrected, correctedAt }: InferenceLabels,
  { rows, values, correctedAt: at }: NewLabels,
): void {
  for (const [i, row] of rows.entries()) {
    const value = values[i] ?? Number.NaN;
    if (row >= labels.length) continue;
    if (at === undefined) {
      if (Number.isNaN(labels[row])) labels[row] = value;
    } else if (!((correctedAt[row] ?? Number.NaN) > at)) {
      corrected[row] = value;
      correctedAt[row] = at;
    }
  }
}

/** The label of a row as corrected; NaN if it has none. */
export function labelInForce({ y_true: labels, corrected }: InferenceLabels, row: number): number {
  const [first = Number.NaN, later = Number.NaN] = [labels[row], corrected[row]];
  return Number.isNaN(first) || Number.isNaN(later) ? first : later;
}

/** Differences of doubles below it are doubles. The generated column of the table of predictions has the same limit. */
const LIMIT = 8e307;

/** The absolute error; undefined if one of the values is missing, or it may exceed a double. */
export function absoluteErrorOf(label: number, prediction: number): number | undefined {
  return Math.abs(label) < LIMIT && Math.abs(prediction) < LIMIT ? Math.abs(label - prediction) : undefined;
}
