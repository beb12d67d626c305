import { describeValue } from "../onnx/describe-value.js";
import { INTEGER_RANGE } from "./feature-kind.js";
import { ModelError } from "./model-error.js";
import type { OnnxHeader } from "../onnx/header.js";
import type { DeclaredValue } from "../onnx/declared-value.js";
import { FLOAT32, isUnread } from "../onnx/unread-type.js";

/** Which numbers of a model are its predictions. */
export interface OutputChoice {
  /** Of the output. */
  readonly name: string;
  /** Which of several numbers a row; undefined if there must be one. */
  readonly index?: number;
}

const FLOATING: ReadonlySet<string | undefined> = new Set(["float32", "float64", "float16"]);
/** Mostly labels, so taken as the prediction only if configured. */
const WHOLE: ReadonlySet<string | undefined> = new Set(Object.keys(INTEGER_RANGE));
/** What only a classifier has. */
const CLASSIFIER = /^(.*Classifier|ZipMap)$/;

/** What ML.NET calls the answers of its trainers; a number or an ending distinguishes an output from the value that it repeats. */
const ML_NET_SCORE = /^Score(\.output|\.onnx|\d+)?$/;
/** What ML.NET has for classifiers and clusters only; their nodes are those of regressions. */
const ML_NET_LABEL = /^PredictedLabel(\.output|\.onnx|\d+)?$/;

type ChosenFrom = Pick<OnnxHeader, "inputs" | "outputs" | "nodes" | "producer">;
type Refuse = (problem: string, remedy: string) => ModelError;

/**
 * Finds the output that holds the predictions: the one that is asked for, else the only floating one, else the only
 * floating one with one number a row. Of several, one that repeats an input is not counted, and of those of ML.NET, which
 * writes every column of its pipeline, it is `Score.output`. Whole numbers are predictions if they are asked for and
 * come from no classifier.
 *
 * @param path - for messages only.
 * @param wanted - `NAME`, or `NAME[INDEX]` for one of several numbers a row, from 0.
 * @throws ModelError that lists the outputs, if none or several can be meant.
 */
export function chooseOutput(path: string, header: ChosenFrom, wanted?: string): OutputChoice {
  const refuse: Refuse = (problem, remedy) => new ModelError({ path, reason: "unsupported-output", problem, remedy });
  return wanted === undefined ? foundOutput(header, refuse) : wantedOutput(header, wanted, refuse);
}

function wantedOutput(header: ChosenFrom, wanted: string, refuse: Refuse): OutputChoice {
  const { outputs } = header;
  const choice = parseOutput(outputs, wanted);
  const output = outputs.find(({ name }) => name === choice.name);
  if (output === undefined) throw refuse(`the model has no output ${choice.name}; it has ${listed(outputs)}`, "Correct OUTPUT");
  if (FLOATING.has(output.type) || (WHOLE.has(output.type) && classifierIn(header) === undefined)) return choice;
  throw refuse(
    `the output ${describeValue(output)} cannot be the prediction; the model has ${listed(outputs)}`,
    isUnread(output) ? FLOAT32 : "Choose the prediction of a regression; a classifier's labels have no error to measure",
  );
}

function foundOutput(header: ChosenFrom, refuse: Refuse): OutputChoice {
  const { outputs } = header;
  if (outputs.length === 0) throw refuse("the model has no output", "Export it again with its prediction as output");
  const floating = outputs.filter(({ type }) => FLOATING.has(type));
  if (floating.length === 0 && outputs.some(isUnread)) {
    throw refuse(`no output of the model has numbers that ONNX Runtime for Node can read: it has ${listed(outputs)}`, FLOAT32);
  }
  const repeated = repeatedInputs(header);
  const own = floating.filter(({ name }) => !repeated.has(name));
  const candidates = own.length === 0 ? floating : own;
  const classifier = classifierIn(header);
  if (classifier !== undefined || floating.length === 0) throw labelsOnly(outputs, classifier, candidates, refuse);
  const score = isMlNet(header) ? own.find(({ name }) => ML_NET_SCORE.test(name)) : undefined;
  const only = score ?? onlyOne(candidates) ?? onlyOne(candidates.filter(isOneNumberARow));
  if (only !== undefined) return { name: only.name };
  const choices = candidates.map((output) => `OUTPUT=${example(output)}`).join(" or ");
  throw refuse(`several outputs of the model could be the prediction: it has ${listed(outputs)}`, `Choose one, with ${choices}`);
}

function labelsOnly(
  outputs: readonly DeclaredValue[],
  classifier: string | undefined,
  candidates: readonly DeclaredValue[],
  refuse: Refuse,
): ModelError {
  const probability = candidates.find(({ name }) => name.startsWith("Probability")) ?? candidates[0];
  const [count] = classifier === undefined ? outputs.filter(({ type }) => WHOLE.has(type)) : [];
  const hints = [
    ...(probability === undefined ? [] : [`; or score one of its numbers, with OUTPUT=${example(probability)}`]),
    ...(count === undefined ? [] : [`; or say that its whole numbers are no labels, with OUTPUT=${example(count)}`]),
  ];
  const what = classifier === undefined ? "no output of the model is of floating point" : `the model is a classifier (${classifier})`;
  return refuse(`${what}: it has ${listed(outputs)}`, `Export a regression, since labels have no error to measure${hints.join("")}`);
}

/** What shows that a model is a classifier. */
function classifierIn({ nodes, outputs, producer }: ChosenFrom): string | undefined {
  const node = nodes.find(({ operator }) => CLASSIFIER.test(operator));
  const label = isMlNet({ producer }) ? outputs.find(({ name }) => ML_NET_LABEL.test(name)) : undefined;
  return node?.operator ?? label?.name;
}

function isMlNet({ producer }: Pick<ChosenFrom, "producer">): boolean {
  return producer.startsWith("ML.NET");
}

function onlyOne(outputs: readonly DeclaredValue[]): DeclaredValue | undefined {
  return outputs.length === 1 ? outputs[0] : undefined;
}

function isOneNumberARow({ shape }: DeclaredValue): boolean {
  return shape !== undefined && shape.slice(1).every((size) => size === 1);
}

function listed(outputs: readonly DeclaredValue[]): string {
  return outputs.map(describeValue).join(", ");
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
