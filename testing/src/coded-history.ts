import { Ids, layoutOf, seededNumbers, type RowCodes } from "@streamgauge/core";
import { FEATURE_REFERENCE } from "./feature-hours.js";

const HOUR_MS = 3_600_000;
const ROWS_AN_HOUR = 250;
/** Rows that happen at one time: each takes a commit. */
const TOGETHER = 10;
const ROWS = 24 * ROWS_AN_HOUR;
/** Of ten rows in turn: five of Rome, three of Oslo, two of Lima. */
const CITIES = [0, 0, 0, 0, 0, 1, 1, 1, 2, 2];

/**
 * 24 hours of 250 rows, with codes of `FEATURE_REFERENCE`; their errors are from 1 to 2. In the later half, those of the rows with a bmi from 5 to 6 are
 * six times as large.
 *
 * @param first - when the first row happened, ms since 1970.
 */
export function codedHistory(first: number) {
  const uniform = seededNumbers(5);
  return history(first, (row) => {
    const codes = [2 + Math.floor(20 * uniform()), 3 + Math.floor(3 * uniform()), 2];
    return { codes, yPred: (1 + uniform()) * (row >= ROWS / 2 && codes[0] === 7 ? 6 : 1) };
  });
}

/**
 * As many rows, of which nothing drifts: each hour has the shares of `FEATURE_REFERENCE`, as nearly as its rows can.
 *
 * @param first - when the first row happened, ms since 1970.
 */
export function steadyHistory(first: number) {
  return history(first, (row) => ({
    codes: [2 + (row % 20), 3 + (CITIES[row % CITIES.length] ?? 0), 2 + (Math.floor(row / 20) % 4)],
    yPred: 1,
  }));
}

function history(first: number, rowAt: (row: number) => { readonly codes: readonly number[]; readonly yPred: number }) {
  const layout = layoutOf(FEATURE_REFERENCE);
  const bytes = new Uint8Array(ROWS * layout.width);
  const yPred = new Float64Array(ROWS);
  for (let row = 0; row < ROWS; row += 1) {
    const made = rowAt(row);
    bytes.set(made.codes, row * layout.width);
    yPred[row] = made.yPred;
  }
  const codes: RowCodes = { layout, bytes };
  return {
    ids: Ids.of(Array.from({ length: ROWS }, (_, row) => `r${row}`)),
    times: Float64Array.from({ length: ROWS }, (_, row) => first + (TOGETHER * Math.floor(row / TOGETHER) * HOUR_MS) / ROWS_AN_HOUR),
    yTrue: new Float64Array(ROWS),
    yPred,
    model: "m@1",
    unit: "",
    heldOut: undefined,
    codes,
    reference: FEATURE_REFERENCE,
  };
}
