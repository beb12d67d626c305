import { basename, extname } from "node:path";
import { featureNames } from "./feature-names.js";
import { metadataKey } from "./metadata-keys.js";
import { ModelError } from "./model-error.js";
import type { DeclaredValue, OnnxHeader } from "./onnx-header.js";
import { warmUpRow } from "./warm-up-row.js";

/** What must be known of a file to feed it and to name what comes out. */
export interface ModelSignature {
  readonly name: string;
  readonly features: readonly string[];
  readonly target?: string;
  readonly targetUnit?: string;
  /** Name of the one input, float32 [N, features]. */
  readonly input: string;
  /** Name of the one output, float32 or float64, [N] or [N, 1]. */
  readonly output: string;
  /** A row that the model should be able to answer, [features]. */
  readonly warmUpRow: readonly number[];
}

/**
 * Checks that a file is a regression that Streamgauge can feed: one float32 input [N, features] with N open, the
 * features named, and one float32 or float64 output [N] or [N, 1]. Sizes that the file leaves open are not judged.
 *
 * @param configured - feature names from the configuration, for a file without them.
 * @throws ModelError that says how to export the model so that it fits.
 */
export function modelSignature(path: string, header: OnnxHeader, configured?: readonly string[]): ModelSignature {
  const { metadata } = header;
  if (header.externalData) {
    throw new ModelError({
      path,
      reason: "external-data",
      problem: "the model keeps its numbers in a second file, which its version would not cover",
      remedy: "Save it as one file: onnx.save_model(onnx.load(path), path, save_as_external_data=False)",
    });
  }
  const input = matrixInput(path, header.inputs);
  const output = scalarOutput(path, header.outputs);
  const features = featureNames(path, metadata, configured, input.width);
  const target = metadata.get(metadataKey.target);
  const targetUnit = metadata.get(metadataKey.targetUnit);
  return {
    // The name of the graph is no use: converters fill it with "main_graph" or a random identifier.
    name: metadata.get(metadataKey.name) ?? basename(path, extname(path)),
    features,
    ...(target === undefined ? {} : { target }),
    ...(targetUnit === undefined ? {} : { targetUnit }),
    input: input.name,
    output,
    warmUpRow: warmUpRow(path, metadata, features),
  };
}

function matrixInput(path: string, inputs: readonly DeclaredValue[]): { name: string; width: number | undefined } {
  const refuse = (problem: string, remedy: string) => new ModelError({ path, reason: "unsupported-input", problem, remedy });
  const [input] = inputs;
  const asMatrix = "Convert it with one float32 matrix as example, such as to_onnx(model, np.asarray(X[:1], np.float32))";
  if (input === undefined || inputs.length > 1) {
    const names = inputs.map((each) => each.name).join(", ");
    throw refuse(`the model has ${inputs.length} inputs (${names}), and one is supported`, asMatrix);
  }
  const { name, type, shape } = input;
  if (type !== "float32") throw refuse(`the input ${name} is ${type ?? "no tensor"}, and float32 is supported`, asMatrix);
  if (shape === undefined) return { name, width: undefined };
  const [batch, width] = shape;
  if (shape.length !== 2) {
    throw refuse(`the input ${name} has the shape ${shapeText(shape)}, and [N, features] is supported`, asMatrix);
  }
  if (typeof batch === "number") {
    throw refuse(
      `the input ${name} takes exactly ${batch} rows a call`,
      "Convert it with an open number of rows, such as FloatTensorType([None, features]) or dynamic_axes",
    );
  }
  return { name, width: typeof width === "number" ? width : undefined };
}

function scalarOutput(path: string, outputs: readonly DeclaredValue[]): string {
  const refuse = (problem: string, remedy: string) => new ModelError({ path, reason: "unsupported-output", problem, remedy });
  const [output] = outputs;
  if (output === undefined || outputs.length > 1) {
    const names = outputs.map((each) => each.name).join(", ");
    throw refuse(
      `the model has ${outputs.length} outputs (${names}), and one is supported`,
      "Keep the prediction only, such as with onnx.utils.extract_model",
    );
  }
  const { name, type, shape } = output;
  if (type !== "float32" && type !== "float64") {
    throw refuse(
      `the output ${name} is ${type ?? "no tensor"}, and float32 or float64 is supported`,
      "Export a regression; a classifier's labels have no error to measure",
    );
  }
  const oneEach = shape === undefined || shape.length === 1 || (shape.length === 2 && (typeof shape[1] !== "number" || shape[1] === 1));
  if (!oneEach) {
    throw refuse(`the output ${name} has the shape ${shapeText(shape)}, and [N] or [N, 1] is supported`, "Export a model with one target");
  }
  return name;
}

function shapeText(shape: readonly (number | string)[]): string {
  return `[${shape.map((size) => (size === "" ? "?" : size)).join(", ")}]`;
}
