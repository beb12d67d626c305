import Type, { type TSchema } from "typebox";
import { Compile } from "typebox/compile";

/*
 * The Open Inference Protocol, version 2, over HTTP:
 * https://github.com/open-inference/open-inference-protocol/blob/main/specification/protocol/inference_rest.md
 */

/** A field that a server may leave out, or fill with null, as KServe's do. */
const optional = <T extends TSchema>(schema: T) => Type.Optional(Type.Union([schema, Type.Null()]));

/** Servers that make their JSON from protobuf write 64-bit numbers as text. */
const Dimensions = Type.Array(Type.Union([Type.Integer(), Type.String({ pattern: "^-?\\d{1,15}$" })]));

const MetadataSchema = Type.Object({
  name: optional(Type.String()),
  versions: optional(Type.Array(Type.String())),
  inputs: optional(Type.Array(Type.Object({ name: Type.String(), datatype: Type.String(), shape: Dimensions }))),
  outputs: optional(Type.Array(Type.Object({ name: Type.String(), datatype: Type.String(), shape: Dimensions }))),
});

const AnswerSchema = Type.Object({
  model_name: optional(Type.String()),
  model_version: optional(Type.String()),
  outputs: Type.Array(Type.Object({ name: Type.String(), shape: optional(Dimensions), data: Type.Array(Type.Unknown()) })),
});

const metadata = Compile(MetadataSchema);
const answer = Compile(AnswerSchema);

/** One input or output as a server declares it; -1 in a shape is any size. */
export interface DeclaredTensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
}

/** What a server says of a model. */
export interface ModelMetadata {
  readonly name: string | undefined;
  /** Empty if it has none. */
  readonly versions: readonly string[];
  /** Empty if the server does not say what the model takes. */
  readonly inputs: readonly DeclaredTensor[];
  /** Empty if the server does not say what the model answers. */
  readonly outputs: readonly DeclaredTensor[];
}

/** What a server answers to rows. */
export interface InferenceAnswer {
  readonly model: string | undefined;
  readonly version: string | undefined;
  readonly outputs: readonly AnsweredTensor[];
}

export interface AnsweredTensor {
  readonly name: string;
  /** undefined if the server does not say. */
  readonly shape: readonly number[] | undefined;
  /** Flat, or nested as the shape says. */
  readonly data: readonly unknown[];
}

/** @throws Error that says what is missing. */
export function readMetadata(text: string): ModelMetadata {
  const body = parse(text);
  if (!metadata.Check(body))
    throw new Error(`its description of the model is not that of the Open Inference Protocol${firstError(metadata.Errors(body))}`);
  const declared = (tensors: typeof body.inputs) => (tensors ?? []).map((tensor) => ({ ...tensor, shape: tensor.shape.map(Number) }));
  return {
    name: body.name ?? undefined,
    versions: body.versions ?? [],
    inputs: declared(body.inputs),
    outputs: declared(body.outputs),
  };
}

/** @throws Error that says what is wrong. */
export function readAnswer(text: string): InferenceAnswer {
  const body = parse(text);
  if (!answer.Check(body))
    throw new Error(`its answer is not that of the Open Inference Protocol${firstError(answer.Errors(body))}: ${wordsOf(text)}`);
  return {
    model: body.model_name ?? undefined,
    version: body.model_version ?? undefined,
    outputs: body.outputs.map(({ name, shape, data }) => ({ name, shape: shape?.map(Number), data })),
  };
}

/** The server's own words for what is wrong: the protocol's `error`, or the text as it is; short, and on one line. */
export function wordsOf(text: string): string {
  let words = text;
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === "object" && body !== null) {
      const said: unknown = Reflect.get(body, "error") ?? Reflect.get(body, "detail") ?? Reflect.get(body, "message");
      if (said !== undefined) words = typeof said === "string" ? said : JSON.stringify(said);
    }
  } catch {
    // Not JSON: a proxy's page, or nothing.
  }
  words = words
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll(/[\s\p{C}]+/gu, " ")
    .trim();
  return words.length > MAX_WORDS ? `${words.slice(0, MAX_WORDS)}…` : words;
}

const MAX_WORDS = 300;

/** Some servers write NaN and Infinity, which JSON does not have; they become null. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    try {
      return JSON.parse(text.replaceAll(/(?<=[[,:\s])-?(NaN|Infinity)(?=[\],}\s])/g, "null"));
    } catch (cause) {
      throw new Error("its answer is not JSON", { cause });
    }
  }
}

function firstError(errors: Iterable<{ readonly instancePath: string; readonly message: string }>): string {
  for (const { instancePath, message } of errors) return ` (${instancePath === "" ? "it" : instancePath} ${message})`;
  return "";
}
