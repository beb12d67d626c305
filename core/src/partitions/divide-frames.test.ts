import { expect, test } from "vitest";
import { CodeLayout } from "../drift/code-layout.js";
import { Ids } from "../frames/ids.js";
import { divideLabels, dividePredictions } from "./divide-frames.js";
import { labelMessages } from "./addressed.js";

// Of four partitions: 1, 3, 3, 4.
const ids = Ids.of(["a", "b", "row-1", "row-2"]);
const ofLabels = (of: number) =>
  divideLabels({ ids, y_true: Float64Array.of(1, 2, 3, 4), correction: { who: "ann", at: 5 } }, of).map(({ partition, frame }) => ({
    partition,
    ...frame,
    ids: frame.ids.toArray(),
    y_true: [...frame.y_true],
  }));

test("labels are divided by partition, in their order, with what is said of all", () => {
  const correction = { who: "ann", at: 5 };
  expect(ofLabels(4)).toEqual([
    { partition: 1, ids: ["a"], y_true: [1], correction },
    { partition: 3, ids: ["b", "row-1"], y_true: [2, 3], correction },
    { partition: 4, ids: ["row-2"], y_true: [4], correction },
  ]);
});

test("with one partition the frame stays as it is", () => {
  const frame = { ids, y_true: Float64Array.of(1, 2, 3, 4) };
  expect(divideLabels(frame, 1)).toEqual([{ partition: 1, frame }]);
  expect(divideLabels(frame, 1)[0]?.frame).toBe(frame);
});

test("a frame without rows has no parts: each part becomes a message, and one without rows would be refused", () => {
  expect(divideLabels({ ids: Ids.of([]), y_true: new Float64Array() }, 4)).toEqual([]);
  expect(dividePredictions({ ids: Ids.of([]), y_pred: new Float64Array(), model: "m@1", unit: "" }, 4)).toEqual([]);
});

test("predictions keep their times, half widths, model and its error", () => {
  const heldOut = { rows: 10, mae: 2, sd: 1 };
  const frame = { ids, y_pred: Float64Array.of(1, 2, 3, 4), eventTimes: Float64Array.of(10, Number.NaN, 30, 40), model: "m@1", unit: "g" };
  const halfWidths = Float64Array.of(0.1, 0.2, Number.NaN, Number.NaN);
  const parts = dividePredictions({ ...frame, halfWidths, heldOut }, 4);
  expect(parts.map(({ partition, frame: part }) => ({ ...part, partition, ids: part.ids.toArray() }))).toEqual([
    {
      partition: 1,
      ids: ["a"],
      y_pred: Float64Array.of(1),
      eventTimes: Float64Array.of(10),
      halfWidths: Float64Array.of(0.1),
      model: "m@1",
      unit: "g",
      heldOut,
    },
    {
      partition: 3,
      ids: ["b", "row-1"],
      y_pred: Float64Array.of(2, 3),
      eventTimes: Float64Array.of(Number.NaN, 30),
      halfWidths: Float64Array.of(0.2, Number.NaN),
      model: "m@1",
      unit: "g",
      heldOut,
    },
    {
      partition: 4,
      ids: ["row-2"],
      y_pred: Float64Array.of(4),
      eventTimes: Float64Array.of(40),
      halfWidths: undefined,
      model: "m@1",
      unit: "g",
      heldOut,
    },
  ]);
});

test("messages of labels go to their partitions, of one partition to where other producers send them", () => {
  const frame = { ids, y_true: Float64Array.of(1, 2, 3, 4) };
  const sent = (of: number) =>
    labelMessages(frame, of, "json", 7).map(({ to, message }) => `${to.exchange}/${to.routingKey} ${message.body.toString()}`);
  expect(sent(1)).toEqual(['rows/y_true {"ids":["a","b","row-1","row-2"],"y_true":[1,2,3,4]}']);
  expect(sent(4)).toEqual([
    'rows/y_true.1of4 {"id":"a","y_true":1}',
    'rows/y_true.3of4 {"ids":["b","row-1"],"y_true":[2,3]}',
    'rows/y_true.4of4 {"id":"row-2","y_true":4}',
  ]);
});

test("predictions keep the bins of their rows, and their unseen texts", () => {
  const layout = new CodeLayout("0cba33ef67f1", [
    { of: "text", bins: 5 },
    { of: "y_pred", bins: 5 },
  ]);
  const codes = { layout, bytes: Uint8Array.of(1, 2, 2, 3, 3, 4, 0, 1), unseen: [null, '["Mars"]', null, null] };
  const parts = dividePredictions({ ids, y_pred: Float64Array.of(1, 2, 3, 4), model: "m@1", unit: "", codes }, 4);
  expect(parts.map(({ frame }) => [...(frame.codes?.bytes ?? [])])).toEqual([
    [1, 2],
    [2, 3, 3, 4],
    [0, 1],
  ]);
  expect(parts.map(({ frame }) => frame.codes?.unseen)).toEqual([undefined, ['["Mars"]', null], undefined]);
});
