import { describeValue } from "./describe-value.js";
import { ModelError } from "./model-error.js";
import type { DeclaredValue, GraphNode, OnnxHeader } from "./onnx-header.js";

/** Which numbers of a model are its predictions. */
export interface OutputChoice {
  /** Of the output. */
  readonly name: string;
  /** Which of several numbers a row; undefined where there must be one. */
  readonly index?: number;
}

const FLOATING: ReadonlySet<string | undefined> = new Set(["float32", "float64", "float16"]);
/** What only a classifier has. */
const CLASSIFIER = /^(.*Classifier|ZipMap)$/;

/**
 * Finds the output that holds the predictions: the one that is asked for, else the only floating one, else the only
 * floating one with one number a row. An output that repeats an input is not counted (ML.NET writes one for each column).
 *
 * @param path - for messages only.
 * @param wanted - `NAME`, or `NAME[INDEX]` for one of several numbers a row, from 0.
 * @throws ModelError that lists the outputs, where none or several can be meant.
 */
export function chooseOutput(path: string, header: Pick<OnnxHeader, "inputs" | "outputs" | "nodes">, wanted?: string): OutputChoice {
  const { outputs, nodes } = header;
  const list = outputs.map(describeValue).join(", ");
  const refuse = (problem: string, remedy: string) => new ModelError({ path, reason: "unsupported-output", problem, remedy });
  if (wanted !== undefined) {
    const choice = parseChoice(outputs, wanted);
    const output = outputs.find(({ name }) => name === choice.name);
    if (output === undefined) throw refuse(`the model has no output ${choice.name}; it has ${list}`, "Correct OUTPUT");
    if (FLOATING.has(output.type)) return choice;
    throw refuse(
      `the output ${describeValue(output)} is not of floating point; the model has ${list}`,
      "Choose the prediction of a regression; a classifier's labels have no error to measure",
    );
  }
  if (outputs.length === 0) throw refuse("the model has no output", "Export it again with its prediction as output");
  const floating = outputs.filter(({ type }) => FLOATING.has(type));
  const classifier = nodes.find(({ operator }) => CLASSIFIER.test(operator));
  if (classifier !== undefined || floating.length === 0) {
    const [probability] = floating;
    const hint = probability === undefined ? "" : `; or score one of its numbers, with OUTPUT=${example(probability)}`;
    const what =
      classifier === undefined ? "no output of the model is of floating point" : `the model is a classifier (${classifier.operator})`;
    throw refuse(`${what}: it has ${list}`, `Export a regression, since labels have no error to measure${hint}`);
  }
  const repeated = repeatedInputs(header);
  const own = floating.filter(({ name }) => !repeated.has(name));
  const scalars = own.filter(({ shape }) => shape !== undefined && shape.slice(1).every((size) => size === 1));
  const [only] = own.length === 1 ? own : scalars;
  if (only !== undefined && (own.length === 1 || scalars.length === 1)) return { name: only.name };
  const choices = (own.length === 0 ? floating : own).map((output) => `OUTPUT=${example(output)}`).join(" or ");
  throw refuse(`several outputs of the model could be the prediction: it has ${list}`, `Choose one, with ${choices}`);
}

/** A name may end with brackets itself. */
function parseChoice(outputs: readonly DeclaredValue[], wanted: string): OutputChoice {
  const [, name, index] = /^(.*)\[(\d+)\]$/.exec(wanted) ?? [];
  if (name === undefined || index === undefined || outputs.some((output) => output.name === wanted)) return { name: wanted };
  return { name, index: Number(index) };
}

function example({ name, shape }: DeclaredValue): string {
  const width = shape?.at(-1);
  return shape !== undefined && shape.length > 1 && typeof width === "number" && width > 1 ? `${name}[${width - 1}]` : name;
}

/** Outputs that are inputs under another name. */
function repeatedInputs({ inputs, nodes }: Pick<OnnxHeader, "inputs" | "nodes">): ReadonlySet<string> {
  const repeated = new Set(inputs.map(({ name }) => name));
  for (const {
    operator,
    inputs: [from = ""],
    outputs,
  } of nodes) {
    if ((operator === "Identity" || operator === "Cast") && repeated.has(from)) for (const name of outputs) repeated.add(name);
  }
  return repeated;
}

/** @returns the names of all values that an output is computed from, its own included. */
export function dependencies(nodes: readonly GraphNode[], output: string): ReadonlySet<string> {
  const makers = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const found = new Set([output]);
  const open = [output];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    for (const input of makers.get(name)?.inputs ?? []) {
      if (found.has(input)) continue;
      found.add(input);
      open.push(input);
    }
  }
  return found;
}
