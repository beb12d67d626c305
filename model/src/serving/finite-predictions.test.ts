import { describe, expect, test } from "vitest";
import { finitePredictions } from "./finite-predictions.js";
import { predictedRows } from "./fixtures/rows.js";

describe("rows for which the model has no number", () => {
  test("are refused at their places in the message, and the others keep their predictions", () => {
    const earlier = { row: 0, id: "bad", field: "a", reason: "the value is missing" };
    const message = { refusals: [earlier], positions: [1, 2, 3, 4, 5] };
    const { ids, yPred, refusals } = finitePredictions(predictedRows("x", [1, Number.NaN, 3, Infinity, -Infinity], message));
    expect(ids.toArray()).toEqual(["x0", "x2"]);
    expect(yPred).toEqual(Float64Array.of(1, 3));
    expect(refusals).toEqual([
      earlier,
      { row: 2, id: "x1", field: "y_pred", reason: "the model answers NaN for this row" },
      { row: 4, id: "x3", field: "y_pred", reason: "the model answers Infinity for this row" },
      { row: 5, id: "x4", field: "y_pred", reason: "the model answers -Infinity for this row" },
    ]);
  });

  test("are none in most messages, which stay as they are", () => {
    const all = predictedRows("x", [1, 2]);
    expect(finitePredictions(all)).toBe(all);
  });
});
