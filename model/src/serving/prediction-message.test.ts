import { describe, expect, test } from "vitest";
import { finitePredictions } from "./finite-predictions.js";
import { rowsToScore } from "./fixtures/rows.js";
import type { PredictedRows } from "./predict-rows.js";
import { groupedByMessage, predictionMessage } from "./prediction-message.js";
import type { IncomingMessage } from "./rows-to-score.js";

const LABEL = { model: "m@1", unit: "kWh" };

function predicted(prefix: string, yPred: readonly number[], message: Partial<IncomingMessage> = {}): PredictedRows {
  const of = rowsToScore(prefix, [Float64Array.from(yPred)], message);
  return { of, ids: of.ids, refusals: of.refusals, yPred: Float64Array.from(yPred), label: LABEL };
}

const rows = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

const messagesFor = (all: readonly PredictedRows[]) => groupedByMessage(all).map(predictionMessage);

describe("predictions", () => {
  test("for few rows of one format go together, with the oldest origin", () => {
    const [x, y, z] = [predicted("x", [1, 2], { origin: 9 }), predicted("y", [3], { origin: 7 }), predicted("z", [4], { origin: 8 })];
    const [message, ...others] = messagesFor([x, y, z]);
    expect(others).toEqual([]);
    expect(message?.predictions.ids.toArray()).toEqual(["x0", "x1", "y0", "z0"]);
    expect(message).toMatchObject({
      predictions: { y_pred: Float64Array.of(1, 2, 3, 4), model: "m@1", unit: "kWh" },
      format: "json",
      origin: 7,
    });
  });

  test("for messages of two formats are written alike", () => {
    const messages = messagesFor([predicted("x", [1]), predicted("y", [2], { format: "arrow" }), predicted("z", [3])]);
    expect(messages.map(({ format, predictions }) => [format, predictions.ids.toArray()])).toEqual([
      ["json", ["x0", "z0"]],
      ["arrow", ["y0"]],
    ]);
  });

  test("of two models go apart", () => {
    const next = { ...predicted("y", [2]), label: { model: "m@2", unit: "kWh" } };
    const messages = messagesFor([predicted("x", [1]), next, predicted("z", [3])]);
    expect(messages.map(({ predictions }) => [predictions.model, predictions.ids.toArray()])).toEqual([
      ["m@1", ["x0", "z0"]],
      ["m@2", ["y0"]],
    ]);
  });

  test("for 64 rows and more go alone, with the ids of the message", () => {
    const [large, few, other] = [predicted("x", rows(64)), predicted("y", rows(63)), predicted("z", rows(65))];
    expect(groupedByMessage([large, few, other])).toEqual([[large], [other], [few]]);
    const { predictions } = predictionMessage([large]);
    expect(predictions.ids).toBe(large.ids);
    expect(predictions.y_pred).toBe(large.yPred);
  });

  test("for nothing need no message", () => {
    expect(messagesFor([])).toEqual([]);
  });
});

describe("rows for which the model has no number", () => {
  test("are refused at their places in the message, and the others keep their predictions", () => {
    const earlier = { row: 0, id: "bad", field: "a", reason: "the value is missing" };
    const message = { refusals: [earlier], positions: [1, 2, 3, 4, 5] };
    const { ids, yPred, refusals } = finitePredictions(predicted("x", [1, Number.NaN, 3, Infinity, -Infinity], message));
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
    const all = predicted("x", [1, 2]);
    expect(finitePredictions(all)).toBe(all);
  });
});
