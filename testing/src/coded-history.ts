import { Ids, layoutOf, seededNumbers, type RowCodes } from "@streamgauge/core";
import { FEATURE_REFERENCE } from "./feature-hours.js";

const HOUR_MS = 3_600_000;
const ROWS_AN_HOUR = 250;
/** Rows that happen at one time: each takes a commit. */
const TOGETHER = 10;

/**
 * 24 hours of 250 rows, with codes of `FEATURE_REFERENCE`; their errors are from 1 to 2. In the later half, those of the rows with a bmi from 5 to 6 are
 * six times as large.
 *
 * @param first - when the first row happened, ms since 1970.
 */
export function codedHistory(first: number) {
  const uniform = seededNumbers(5);
  const rows = 24 * ROWS_AN_HOUR;
  const layout = layoutOf(FEATURE_REFERENCE);
  const bytes = new Uint8Array(rows * layout.width);
  const yPred = new Float64Array(rows);
  for (let row = 0; row < rows; row += 1) {
    const codes = [2 + Math.floor(20 * uniform()), 3 + Math.floor(3 * uniform()), 2];
    bytes.set(codes, row * layout.width);
    yPred[row] = (1 + uniform()) * (row >= rows / 2 && codes[0] === 7 ? 6 : 1);
  }
  const codes: RowCodes = { layout, bytes };
  return {
    ids: Ids.of(Array.from({ length: rows }, (_, row) => `r${row}`)),
    times: Float64Array.from({ length: rows }, (_, row) => first + (TOGETHER * Math.floor(row / TOGETHER) * HOUR_MS) / ROWS_AN_HOUR),
    yTrue: new Float64Array(rows),
    yPred,
    model: "m@1",
    unit: "",
    heldOut: undefined,
    codes,
    reference: FEATURE_REFERENCE,
  };
}
