import { describe, expect, test } from "vitest";
import { predictedRows } from "./fixtures/rows.js";
import type { PredictedRows } from "./predict-rows.js";
import { groupedByMessage, predictionMessage } from "./prediction-message.js";

const rows = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

const messagesFor = (all: readonly PredictedRows[]) => groupedByMessage(all, (one) => one).map(predictionMessage);

describe("predictions", () => {
  test("for few rows of one format go together, with the oldest origin", () => {
    const [x, y, z] = [
      predictedRows("x", [1, 2], { origin: 9 }),
      predictedRows("y", [3], { origin: 7 }),
      predictedRows("z", [4], { origin: 8 }),
    ];
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
    const messages = messagesFor([predictedRows("x", [1]), predictedRows("y", [2], { format: "arrow" }), predictedRows("z", [3])]);
    expect(messages.map(({ format, predictions }) => [format, predictions.ids.toArray()])).toEqual([
      ["json", ["x0", "z0"]],
      ["arrow", ["y0"]],
    ]);
  });

  test("of two models go apart", () => {
    const next = { ...predictedRows("y", [2]), label: { model: "m@2", unit: "kWh" } };
    const messages = messagesFor([predictedRows("x", [1]), next, predictedRows("z", [3])]);
    expect(messages.map(({ predictions }) => [predictions.model, predictions.ids.toArray()])).toEqual([
      ["m@1", ["x0", "z0"]],
      ["m@2", ["y0"]],
    ]);
  });

  test("for 64 rows and more go alone, with the ids of the message", () => {
    const [large, few, other] = [predictedRows("x", rows(64)), predictedRows("y", rows(63)), predictedRows("z", rows(65))];
    expect(groupedByMessage([large, few, other], (one) => one)).toEqual([[large], [other], [few]]);
    const { predictions } = predictionMessage([large]);
    expect(predictions.ids).toBe(large.ids);
    expect(predictions.y_pred).toBe(large.yPred);
  });

  test("for nothing need no message", () => {
    expect(messagesFor([])).toEqual([]);
  });
});
