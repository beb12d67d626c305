import { expect, it } from "vitest";
import { warmUpRow } from "./warm-up-row.js";

const statistics = (text: string) => new Map([["streamgauge.feature_statistics", text]]);

it("is the means of the features, in the order of the features", () => {
  expect(warmUpRow("m.onnx", statistics('{"b":{"mean":2.5,"std":1},"a":{"mean":-1}}'), ["a", "b"])).toEqual([-1, 2.5]);
});

it("is ones where the file has no statistics", () => {
  expect(warmUpRow("m.onnx", new Map(), ["a", "b"])).toEqual([1, 1]);
});

it.each(["{}", '{"a":{"mean":"1"}}', '{"a":1}', "null", "no JSON"])("refuses the statistics %s", (text) => {
  expect(() => warmUpRow("m.onnx", statistics(text), ["a"])).toThrow(
    "Model m.onnx: the metadata streamgauge.feature_statistics has no mean for the feature a. " +
      'Write a JSON object such as {"age": {"mean": 48.5}, …}, or remove this entry.',
  );
});
