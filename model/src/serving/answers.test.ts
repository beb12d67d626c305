import { Ids } from "@streamgauge/core";
import { describe, expect, test } from "vitest";
import { answersFor, withoutUnanswered } from "./answers.js";
import type { Scored } from "./batcher.js";
import type { WaitingFrame } from "./waiting-frame.js";

const LABEL = { model: "m@1", unit: "kWh" };

function scored(prefix: string, yPred: readonly number[], more: Partial<WaitingFrame> = {}): Scored<WaitingFrame> {
  const ids = Ids.of(yPred.map((_, i) => `${prefix}${i}`));
  const frame: WaitingFrame = {
    ids,
    rows: ids.length,
    columns: [],
    format: "json",
    origin: 5,
    refusals: [],
    messageRows: ids.length,
    position: (row) => row,
    returns: 0,
    answer: () => undefined,
    sent: { columns: new Map(), rowOf: (row) => row },
    fitTo: () => frame,
    ...more,
  };
  return { frame, yPred: Float64Array.from(yPred) };
}

const rows = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

describe("answers", () => {
  test("to small frames of one format go together, with the oldest origin", () => {
    const [x, y, z] = [scored("x", [1, 2], { origin: 9 }), scored("y", [3], { origin: 7 }), scored("z", [4], { origin: 8 })];
    const [message, ...others] = answersFor([x, y, z], LABEL);
    expect(others).toEqual([]);
    expect(message?.predictions.ids.toArray()).toEqual(["x0", "x1", "y0", "z0"]);
    expect(message).toMatchObject({
      predictions: { y_pred: Float64Array.of(1, 2, 3, 4), model: "m@1", unit: "kWh" },
      format: "json",
      origin: 7,
      frames: [x.frame, y.frame, z.frame],
    });
  });

  test("to frames of two formats are written alike", () => {
    const messages = answersFor([scored("x", [1]), scored("y", [2], { format: "arrow" }), scored("z", [3])], LABEL);
    expect(messages.map(({ format, predictions }) => [format, predictions.ids.toArray()])).toEqual([
      ["json", ["x0", "z0"]],
      ["arrow", ["y0"]],
    ]);
  });

  test("to frames of 64 rows and more go alone, with the ids of the message", () => {
    const [large, small, other] = [scored("x", rows(64)), scored("y", rows(63)), scored("z", rows(65))];
    const messages = answersFor([large, small, other], LABEL);
    expect(messages.map(({ frames }) => frames)).toEqual([[large.frame], [other.frame], [small.frame]]);
    expect(messages[0]?.predictions.ids).toBe(large.frame.ids);
    expect(messages[0]?.predictions.y_pred).toBe(large.yPred);
  });

  test("to nothing are none", () => {
    expect(answersFor([], LABEL)).toEqual([]);
    expect(answersFor([scored("x", [])], LABEL)).toEqual([]);
  });
});

describe("rows for which the model has no number", () => {
  test("are refused where they stood in the message, and the others are answered", () => {
    const earlier = { row: 0, id: "bad", field: "a", reason: "the value is missing" };
    const [frame] = [scored("x", [1, Number.NaN, 3, Infinity, -Infinity], { refusals: [earlier], position: (row) => row + 1 })];
    const { frame: rest, yPred } = withoutUnanswered(frame);
    expect(rest.ids.toArray()).toEqual(["x0", "x2"]);
    expect(yPred).toEqual(Float64Array.of(1, 3));
    expect(rest.refusals).toEqual([
      earlier,
      { row: 2, id: "x1", field: "y_pred", reason: "the model answers NaN for this row" },
      { row: 4, id: "x3", field: "y_pred", reason: "the model answers Infinity for this row" },
      { row: 5, id: "x4", field: "y_pred", reason: "the model answers -Infinity for this row" },
    ]);
  });

  test("are none in most frames, which stay as they are", () => {
    const frame = scored("x", [1, 2]);
    expect(withoutUnanswered(frame).frame).toBe(frame.frame);
  });
});
