import { expect, it } from "vitest";
import { sampleRows } from "./sample-rows.js";

const NUMBERS = ["number", "number"] as const;
const statistics = (text: string) => new Map([["streamgauge.feature_statistics", text]]);

it("is the means of the features, in the order of the features", () => {
  expect(sampleRows("m.onnx", statistics('{"b":{"mean":2.5,"std":1},"a":{"mean":-1}}'), ["a", "b"], NUMBERS, [])).toEqual([[-1, 2.5]]);
});

it("is ones first if the file has no statistics, and other numbers then", () => {
  const rows = sampleRows("m.onnx", new Map(), ["a", "b"], NUMBERS, []);
  expect(rows.slice(0, 3)).toEqual([
    [1, 1],
    [0, 0],
    [10, 10],
  ]);
});

it("has whole numbers and truths if only those are taken", () => {
  const rows = sampleRows("m.onnx", new Map(), ["a", "b", "c"], ["number", "int64", "bool"], []);
  expect(rows).toContainEqual([0.5, 1, 1]);
  expect(rows).toContainEqual([-1, 0, 0]);
});

it("has the texts that the encoders know, in the order of the file first, then in any", () => {
  const rows = sampleRows("m.onnx", statistics('{"b":{"mean":7}}'), ["a", "b", "c"], ["text", "number", "text"], ["red", "oak"]);
  expect(rows[0]).toEqual(["red", 7, "oak"]);
  expect(rows).toContainEqual(["oak", 7, "red"]);
  expect(rows).toContainEqual(["", 7, ""]);
  expect(rows).toHaveLength(9);
});

it.each(["{}", '{"a":{"mean":"1"}}', '{"a":1}', "null", "no JSON"])("refuses the statistics %s", (text) => {
  expect(() => sampleRows("m.onnx", statistics(text), ["a"], ["number"], [])).toThrow(
    "Model m.onnx: the metadata streamgauge.feature_statistics has no mean for the feature a. " +
      'Write a JSON object such as {"age": {"mean": 48.5}, …}, or remove this entry.',
  );
});
