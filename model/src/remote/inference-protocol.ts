import Type, { type Static } from "typebox";
import { Compile } from "typebox/compile";

/*
 * The Open Inference Protocol, version 2, over HTTP:
 * https://github.com/open-inference/open-inference-protocol/blob/main/specification/protocol/inference_rest.md
 */

const Dimensions = Type.Array(Type.Integer());
const TensorSchema = Type.Object({ name: Type.String(), datatype: Type.String(), shape: Dimensions });

const MetadataSchema = Type.Object({
  name: Type.String(),
  versions: Type.Optional(Type.Array(Type.String())),
  inputs: Type.Optional(Type.Array(TensorSchema)),
  outputs: Type.Optional(Type.Array(TensorSchema)),
});

const AnswerSchema = Type.Object({
  model_name: Type.Optional(Type.String()),
  model_version: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  outputs: Type.Array(Type.Object({ name: Type.String(), data: Type.Array(Type.Unknown()) })),
});

const metadata = Compile(MetadataSchema);
const answer = Compile(AnswerSchema);

/** One input or output as a server declares it; -1 in a shape is any size. */
export type DeclaredTensor = Static<typeof TensorSchema>;
/** What a server says of a model. */
export type ModelMetadata = Static<typeof MetadataSchema>;
/** What a server answers to rows. */
export type InferenceAnswer = Static<typeof AnswerSchema>;

/** @throws Error that says what is missing. */
export function readMetadata(text: string): ModelMetadata {
  const body = parse(text);
  if (metadata.Check(body)) return body;
  throw new Error(`its description of the model is not that of the Open Inference Protocol${firstError(metadata.Errors(body))}`);
}

/** @throws Error that says what is wrong. */
export function readAnswer(text: string): InferenceAnswer {
  const body = parse(text);
  if (answer.Check(body)) return body;
  throw new Error(`its answer is not that of the Open Inference Protocol${firstError(answer.Errors(body))}`);
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
