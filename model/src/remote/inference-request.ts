import { elementsOf, quote, errorText } from "@streamgauge/core";
import type { FeatureValues } from "../session/index.js";
import type { AnsweredTensor, InferenceAnswer } from "./inference-protocol.js";
import type { RemoteInput, RemoteSignature } from "./remote-signature.js";

/**
 * The body of one call.
 *
 * @param columns - [features][rows], each of its feature's kind.
 */
export function requestBody({ inputs, output }: RemoteSignature, rows: number, columns: readonly FeatureValues[]): string {
  const tensors = inputs.map((input) => ({
    name: input.name,
    datatype: input.datatype,
    shape: input.isMatrix ? [rows, input.columns.length] : [rows],
    data: rowMajor(input, rows, columns),
  }));
  return JSON.stringify({ inputs: tensors, ...(output === undefined ? {} : { outputs: [{ name: output }] }) });
}

function rowMajor(input: RemoteInput, rows: number, columns: readonly FeatureValues[]): (number | string | boolean)[] {
  const width = input.columns.length;
  const isBool = input.datatype === "BOOL";
  const data = Array.from<number | string | boolean>({ length: rows * width });
  for (const [place, column] of input.columns.entries()) {
    const values = columns[column] ?? new Float64Array(rows);
    for (let row = 0; row < rows; row += 1) {
      const value = values[row] ?? 0;
      data[row * width + place] = isBool ? value === 1 : value;
    }
  }
  return data;
}

/** @returns y_pred, [rows]; NaN if the server has no number. @throws Error that says what is wrong with the answer. */
export function predictionsIn(
  { outputs }: InferenceAnswer,
  { output: name, index }: Pick<RemoteSignature, "output" | "index">,
  rows: number,
): Float64Array {
  const named = outputs.find((output) => output.name === name);
  const output = named ?? (outputs.length === 1 ? outputs[0] : undefined);
  if (output === undefined) {
    throw new Error(
      `it answered with the outputs ${outputs.map((one) => one.name).join(", ") || "(none)"}${name === undefined ? "" : `, not with ${name}`}`,
    );
  }
  const data = elementsIn(output, rows, index !== undefined);
  const perRow = index === undefined ? 1 : data.length / rows;
  if (data.length !== rows * perRow || !Number.isInteger(perRow) || (index ?? 0) >= perRow) {
    const chosen = index === undefined ? "" : `, and number ${index} of each row is chosen`;
    throw new Error(`it answered ${rows} rows with ${data.length} numbers${chosen}`);
  }
  return Float64Array.from({ length: rows }, (_, row) => {
    const value = data[row * perRow + (index ?? 0)];
    if (typeof value === "number") return value;
    if (value === null) return Number.NaN;
    throw new Error(`its output ${output.name} has ${quote(value)} for row ${row}, and not a number`);
  });
}

/** @throws Error if its data do not agree with its shape, or its shape not with the rows. */
function elementsIn({ name, shape, data }: AnsweredTensor, rows: number, isChosen: boolean): readonly unknown[] {
  if (shape === undefined) return data.flat(Infinity);
  // One number of each row is chosen by its place: the rows must come first.
  if (isChosen && shape[0] !== rows) throw new Error(`its output ${name} has the shape [${shape.join(", ")}] for ${rows} rows`);
  try {
    return elementsOf(data, shape);
  } catch (cause) {
    throw new Error(`its output ${name}: ${errorText(cause)}`, { cause });
  }
}
