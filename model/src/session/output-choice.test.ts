import { describe, expect, it } from "vitest";
import type { GraphNode } from "../onnx/graph.js";
import type { DeclaredValue } from "../onnx/declared-value.js";
import { chooseOutput } from "./output-choice.js";

function output(name: string, shape: DeclaredValue["shape"] = ["N", 1], type: string | undefined = "float32"): DeclaredValue {
  return { name, type, shape };
}

function node(operator: string, inputs: readonly string[], outputs: readonly string[]): GraphNode {
  return { operator, domain: "", inputs, outputs };
}

const X: DeclaredValue = { name: "X", type: "float32", shape: ["N", 2] };
const choose = (outputs: readonly DeclaredValue[], wanted?: string, nodes: readonly GraphNode[] = [], producer = "test") =>
  chooseOutput("m.onnx", { inputs: [X], outputs, nodes, producer }, wanted);

describe("chooseOutput", () => {
  it.each<[string, DeclaredValue]>([
    ["[N]", output("y", ["N"])],
    ["[N, ?]", output("y", ["N", ""])],
    ["any shape", output("y", undefined)],
    ["no shape at all, which some converters declare", output("y", [])],
    ["another shape than it has, for all we know", output("y", [7, 3])],
    ["float64", output("y", ["N", 1], "float64")],
    ["float16", output("y", ["N", 1], "float16")],
  ])("takes the only output, of %s", (_, only) => {
    expect(choose([only])).toEqual({ name: "y" });
  });

  it("takes the only floating one of several", () => {
    const map: DeclaredValue = { name: "map", type: undefined, shape: undefined };
    expect(choose([output("rows", ["N"], "int64"), output("y"), map])).toEqual({ name: "y" });
  });

  it("takes the only floating one with one number a row", () => {
    expect(choose([output("hidden", ["N", 8]), output("y", ["N", 1])])).toEqual({ name: "y" });
  });

  it("does not count outputs that repeat an input", () => {
    const nodes = [node("Identity", ["X"], ["x"]), node("Cast", ["x"], ["X.output"]), node("Abs", ["X"], ["Score.output"])];
    expect(choose([output("X.output"), output("Score.output")], undefined, nodes)).toEqual({ name: "Score.output" });
  });

  it("takes the only floating one, even if it repeats an input", () => {
    expect(choose([output("y"), output("rows", ["N"], "int64")], undefined, [node("Identity", ["X"], ["y"])])).toEqual({ name: "y" });
  });

  describe("of ML.NET, with a column of the pipeline beside it that has one number a row, too", () => {
    // Names as ML.NET 1.5 and later writes them, as a version between did, and as it did up to 1.4.
    it.each(["Score.output", "Score.onnx", "Score0", "Score"])("takes %s", (score) => {
      const nodes = [node("Scaler", ["X"], ["area.output"])];
      expect(choose([output("area.output"), output(score)], undefined, nodes, "ML.NET 4.0.24.56301")).toEqual({ name: score });
    });

    it("takes no Score that only repeats an input", () => {
      const nodes = [node("Identity", ["X"], ["Score.output"])];
      const outputs = [output("area.output"), output("rate.output"), output("Score.output")];
      expect(() => choose(outputs, undefined, nodes, "ML.NET 4.0")).toThrow("OUTPUT=area.output or OUTPUT=rate.output.");
    });

    it("refuses a classifier, which has the nodes of a regression", () => {
      const outputs = [output("PredictedLabel.output", ["N", 1], "bool"), output("Score.output"), output("Probability.output")];
      expect(() => choose(outputs, undefined, [], "ML.NET 4.0")).toThrow(
        "the model is a classifier (PredictedLabel.output): it has PredictedLabel.output (bool [N, 1]), Score.output (float32 [N, 1]), " +
          "Probability.output (float32 [N, 1]). Export a regression, since labels have no error to measure; " +
          "or score one of its numbers, with OUTPUT=Probability.output.",
      );
      expect(choose(outputs, "Probability.output", [], "ML.NET 4.0")).toEqual({ name: "Probability.output" });
    });

    it("is asked of any other producer", () => {
      expect(() => choose([output("area.output"), output("Score.output")])).toThrow("several outputs of the model could be the prediction");
    });
  });

  it("takes the one that is asked for, or one of its numbers", () => {
    const two = [output("mean"), output("all", ["N", 3]), output("odd[1]")];
    expect(choose(two, "mean")).toEqual({ name: "mean" });
    expect(choose(two, "all[2]")).toEqual({ name: "all", index: 2 });
    expect(choose(two, "odd[1]")).toEqual({ name: "odd[1]" });
  });

  it("takes whole numbers if they are asked for", () => {
    expect(choose([output("count", ["N", 1], "int64")], "count")).toEqual({ name: "count" });
    expect(choose([output("counts", ["N", 2], "uint8"), output("y")], "counts[1]")).toEqual({ name: "counts", index: 1 });
  });

  it.each<[string, DeclaredValue[], string | undefined, GraphNode[]]>([
    [
      "several outputs of the model could be the prediction: it has y (float32 [N, 1]), std (float32 [N]). Choose one, with OUTPUT=y or OUTPUT=std.",
      [output("y"), output("std", ["N"])],
      undefined,
      [],
    ],
    [
      "no output of the model is of floating point: it has y (int64 [N, 1]). " +
        "Export a regression, since labels have no error to measure; or say that its whole numbers are no labels, with OUTPUT=y.",
      [output("y", ["N", 1], "int64")],
      undefined,
      [],
    ],
    [
      "no output of the model has numbers that ONNX Runtime for Node can read: it has y (bfloat16 [N, 1]). Export the model in float32.",
      [output("y", ["N", 1], "bfloat16")],
      undefined,
      [],
    ],
    [
      "the model is a classifier (TreeEnsembleClassifier): it has label (int64 [N]), probabilities (float32 [N, 2]). " +
        "Export a regression, since labels have no error to measure; or score one of its numbers, with OUTPUT=probabilities[1].",
      [output("label", ["N"], "int64"), output("probabilities", ["N", 2])],
      undefined,
      [node("TreeEnsembleClassifier", ["X"], ["label", "probabilities"])],
    ],
    ["the model has no output. Export it again with its prediction as output.", [], undefined, []],
    ["the model has no output std; it has y (float32 [N, 1]). Correct OUTPUT.", [output("y")], "std", []],
    [
      "the output label (string [N]) cannot be the prediction; the model has label (string [N]), y (float32 [N, 1]). " +
        "Choose the prediction of a regression; a classifier's labels have no error to measure.",
      [output("label", ["N"], "string"), output("y")],
      "label",
      [],
    ],
    [
      "the output label (int64 [N]) cannot be the prediction; the model has label (int64 [N]), map (a sequence or map). " +
        "Choose the prediction of a regression; a classifier's labels have no error to measure.",
      [output("label", ["N"], "int64"), { name: "map", type: undefined, shape: undefined }],
      "label",
      [node("LinearClassifier", ["X"], ["label", "scores"])],
    ],
    [
      "the output half (bfloat16 [N]) cannot be the prediction; the model has half (bfloat16 [N]), y (float32 [N, 1]). " +
        "Export the model in float32.",
      [output("half", ["N"], "bfloat16"), output("y")],
      "half",
      [],
    ],
  ])("refuses: %s", (message, outputs, wanted, nodes) => {
    expect(() => choose(outputs, wanted, nodes)).toThrow(`Model m.onnx: ${message}`);
  });
});
