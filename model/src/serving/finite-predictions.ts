import { takeCodes, takeEventTimes, type Refusal } from "@streamgauge/core";
import type { PredictedRows } from "./predict-rows.js";
import { placeInMessage } from "./rows-to-score.js";

/** @returns the predictions that are numbers; the rows without one are refused, with the reason. */
export function finitePredictions(predicted: PredictedRows): PredictedRows {
  const { of, ids, eventTimes, codes, yPred } = predicted;
  if (yPred.every(Number.isFinite)) return predicted;
  const refusals: Refusal[] = [...predicted.refusals];
  const rows: number[] = [];
  for (const [row, value] of yPred.entries()) {
    if (Number.isFinite(value)) rows.push(row);
    else {
      const reason = `the model answers ${value} for this row`;
      refusals.push({ row: placeInMessage(of, row), id: ids.at(row), field: "y_pred", reason });
    }
  }
  const finite = Float64Array.from(rows, (row) => yPred[row] ?? 0);
  const times = takeEventTimes(eventTimes, rows);
  return { ...predicted, ids: ids.take(rows), eventTimes: times, codes: takeCodes(codes, rows), refusals, yPred: finite };
}
