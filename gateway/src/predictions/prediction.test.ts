import { expect, test } from "vitest";
import { pendingPrediction, withAnswer } from "./prediction.js";

const TIMES = { id: "a", createdAt: Date.parse("2026-11-28T00:00:00.000Z"), expiresAt: Date.parse("2026-11-28T01:00:00.000Z") };
const pending = pendingPrediction(TIMES, { x: 1 }, TIMES.expiresAt - 1);
const ANSWER = { id: "a", answeredAt: TIMES.createdAt + 250, y_pred: 3, model: "m@1" };

test("a prediction is pending until its time is over", () => {
  expect(pending).toEqual({
    id: "a",
    status: "pending",
    createdAt: "2026-11-28T00:00:00.000Z",
    expiresAt: "2026-11-28T01:00:00.000Z",
    features: { x: 1 },
  });
  expect(pendingPrediction(TIMES, {}, TIMES.expiresAt).status).toBe("expired");
});

test("an answer keeps the label that is there, and the error is of both", () => {
  expect(withAnswer({ ...pending, y_true: 7 }, ANSWER)).toEqual({
    ...pending,
    status: "succeeded",
    y_pred: 3,
    model: "m@1",
    y_true: 7,
    absolute_error: 4,
    answeredAt: "2026-11-28T00:00:00.250Z",
    latencyMs: 250,
  });
});

test("an answer without a label, and one without a prediction, have no error", () => {
  expect(withAnswer(pending, ANSWER)).not.toHaveProperty("absolute_error");
  const refused = withAnswer({ ...pending, y_true: 7 }, { id: "a", answeredAt: ANSWER.answeredAt, reason: "not a number" });
  expect(refused).toMatchObject({ status: "failed", reason: "not a number", y_true: 7 });
  expect(refused).not.toHaveProperty("absolute_error");
});

test("an error beyond doubles is left out, as in the database", () => {
  expect(withAnswer({ ...pending, y_true: 1.7e308 }, { ...ANSWER, y_pred: -1.7e308 })).not.toHaveProperty("absolute_error");
});

test("a stored answer stays", () => {
  const stored = withAnswer(pending, ANSWER);
  expect(withAnswer(stored, { ...ANSWER, answeredAt: ANSWER.answeredAt + 1, y_pred: 4 })).toEqual(stored);
});
