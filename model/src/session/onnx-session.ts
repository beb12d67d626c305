import { InferenceSession, type Tensor } from "onnxruntime-node";
import { fromFloat16 } from "./float16.js";
import { ModelError } from "./model-error.js";
import type { ExternalData } from "./model-file.js";

/** Only what a ModelError cannot report reaches the console: level 4 is "fatal". */
const LOG_FATAL = 4;

/**
 * Loads a model into ONNX Runtime.
 *
 * @param bytes - the ONNX file.
 * @param externalData - the files beside it in which its constants stand.
 * @param threads - within one operator; operators run one after another.
 * @throws ModelError when ONNX Runtime refuses the file; its own words are the cause.
 */
export async function createSession(
  path: string,
  bytes: Uint8Array,
  externalData: readonly ExternalData[],
  threads: number,
): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(bytes, {
      executionProviders: ["cpu"],
      executionMode: "sequential",
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      logSeverityLevel: LOG_FATAL,
      ...(externalData.length === 0 ? {} : { externalData }),
    });
  } catch (cause) {
    throw refusal(path, cause);
  }
}

/** @returns the numbers of an output, float64; undefined when it has none. */
export function numbersOf(tensor: Tensor | undefined): Float64Array | undefined {
  if (tensor === undefined) return undefined;
  const { data, type } = tensor;
  if (data instanceof Float64Array) return data;
  if (data instanceof Float32Array) return new Float64Array(data);
  if (Array.isArray(data) || type === "bool") return undefined;
  // If JavaScript has float16 arrays of its own, these come, and their numbers are numbers already.
  if (type === "float16" && data instanceof Uint16Array) return Float64Array.from(data, fromFloat16);
  return Float64Array.from<number | bigint>(data, Number);
}

function refusal(path: string, cause: unknown): ModelError {
  const words = cause instanceof Error ? cause.message : String(cause);
  const opset = /Opset (\d+) is under development.*domain (\S+) is till opset (\d+)/s.exec(words);
  if (opset !== null) {
    const [, version, domain, newest] = opset;
    return new ModelError({
      path,
      reason: "unsupported-version",
      problem: `the model uses opset ${version} of ${domain}, and this ONNX Runtime knows ${domain} to opset ${newest}`,
      remedy: "Export it with an older opset, such as target_opset=17",
      cause,
    });
  }
  const format = /model IR version: (\d+), max supported IR version: (\d+)/.exec(words);
  if (format !== null) {
    const [, version, newest] = format;
    return new ModelError({
      path,
      reason: "unsupported-version",
      problem: `the file has the ONNX format (IR) version ${version}, and this ONNX Runtime reads to version ${newest}`,
      remedy: `Set model.ir_version = ${newest} with the onnx package and save it, or export with an older opset`,
      cause,
    });
  }
  const operator = /No Op registered for|is not a registered function|No opset import for domain/.test(words);
  if (operator) {
    return new ModelError({
      path,
      reason: "refused",
      problem: `the model has an operator that this ONNX Runtime does not have (${plainWords(words)})`,
      remedy: "Export it without custom operators, with a released opset such as 17",
      cause,
    });
  }
  return new ModelError({
    path,
    reason: "refused",
    problem: `ONNX Runtime refuses the model (${plainWords(words)})`,
    remedy: "Check it with onnx.checker.check_model, and export it again with a released opset such as 17",
    cause,
  });
}

/** Without the place in ONNX Runtime's own source that some of its words begin with. */
function plainWords(words: string): string {
  return words.replace(/^\/\S+\.(?:cc|h):\d+ .*?\) (?=[A-Z])/s, "").trim();
}
