import { describeValue } from "./describe-value.js";
import { INTEGER_RANGE } from "./feature-kind.js";
import { ModelError } from "./model-error.js";
import type { DeclaredValue, GraphNode, OnnxHeader } from "./onnx-header.js";
import { FLOAT32, isUnread } from "./unread-type.js";

/** Which numbers of a model are its predictions. */
export interface OutputChoice {
  /** Of the output. */
  readonly name: string;
  /** Which of several numbers a row; undefined where there must be one. */
  readonly index?: number;
}

const FLOATING: ReadonlySet<string | undefined> = new Set(["float32", "float64", "float16"]);
/** Mostly labels, and so the prediction only where somebody says it. */
const WHOLE: ReadonlySet<string | undefined> = new Set(Object.keys(INTEGER_RANGE));
/** What only a classifier has. */
const CLASSIFIER = /^(.*Classifier|ZipMap)$/;

/**
 * Finds the output that holds the predictions: the one that is asked for, else the only floating one, else the only
 * floating one with one number a row. An output that repeats an input is not counted (ML.NET writes one for each column).
 * Whole numbers are predictions where they are asked for and come from no classifier.
 *
 * @param path - for messages only.
 * @param wanted - `NAME`, or `NAME[INDEX]` for one of several numbers a row, from 0.
 * @throws ModelError that lists the outputs, where none or several can be meant.
 */
export function chooseOutput(path: string, header: Pick<OnnxHeader, "inputs" | "outputs" | "nodes">, wanted?: string): OutputChoice {
  const { outputs, nodes } = header;
  const list = outputs.map(describeValue).join(", ");
  const refuse = (problem: string, remedy: string) => new ModelError({ path, reason: "unsupported-output", problem, remedy });
  const classifier = nodes.find(({ operator }) => CLASSIFIER.test(operator));
  if (wanted !== undefined) {
    const choice = parseOutput(outputs, wanted);
    const output = outputs.find(({ name }) => name === choice.name);
    if (output === undefined) throw refuse(`the model has no output ${choice.name}; it has ${list}`, "Correct OUTPUT");
    if (FLOATING.has(output.type) || (WHOLE.has(output.type) && classifier === undefined)) return choice;
    throw refuse(
      `the output ${describeValue(output)} cannot be the prediction; the model has ${list}`,
      isUnread(output) ? FLOAT32 : "Choose the prediction of a regression; a classifier's labels have no error to measure",
    );
  }
  if (outputs.length === 0) throw refuse("the model has no output", "Export it again with its prediction as output");
  const floating = outputs.filter(({ type }) => FLOATING.has(type));
  if (floating.length === 0 && outputs.some(isUnread)) {
    throw refuse(`no output of the model has numbers that ONNX Runtime for Node can read: it has ${list}`, FLOAT32);
  }
  if (classifier !== undefined || floating.length === 0) {
    const [probability] = floating;
    const [count] = classifier === undefined ? outputs.filter(({ type }) => WHOLE.has(type)) : [];
    const hints = [
      ...(probability === undefined ? [] : [`; or score one of its numbers, with OUTPUT=${example(probability)}`]),
      ...(count === undefined ? [] : [`; or say that its whole numbers are no labels, with OUTPUT=${example(count)}`]),
    ];
    const what =
      classifier === undefined ? "no output of the model is of floating point" : `the model is a classifier (${classifier.operator})`;
    throw refuse(`${what}: it has ${list}`, `Export a regression, since labels have no error to measure${hints.join("")}`);
  }
  const repeated = repeatedInputs(header);
  const own = floating.filter(({ name }) => !repeated.has(name));
  const scalars = own.filter(({ shape }) => shape !== undefined && shape.slice(1).every((size) => size === 1));
  const [only] = own.length === 1 ? own : scalars;
  if (only !== undefined && (own.length === 1 || scalars.length === 1)) return { name: only.name };
  const choices = (own.length === 0 ? floating : own).map((output) => `OUTPUT=${example(output)}`).join(" or ");
  throw refuse(`several outputs of the model could be the prediction: it has ${list}`, `Choose one, with ${choices}`);
}

/** What the setting OUTPUT says: `NAME` or `NAME[INDEX]`. A name may end with brackets itself. */
export function parseOutput(outputs: readonly { readonly name: string }[], wanted: string): OutputChoice {
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
