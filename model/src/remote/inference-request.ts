import { ScoringError } from "../session/scorer.js";
import type { InferenceAnswer } from "./inference-protocol.js";
import { isWhole, type RemoteInput, type RemoteSignature } from "./remote-signature.js";

/**
 * The body of one call.
 *
 * @param columns - [features][rows], float64.
 * @throws ScoringError where a column is to be whole numbers and is not.
 */
export function requestBody({ inputs, features, output }: RemoteSignature, rows: number, columns: readonly Float64Array[]): string {
  const tensors = inputs.map((input) => {
    if (isWhole(input.datatype)) requireWhole(input, rows, columns, features);
    return {
      name: input.name,
      datatype: input.datatype,
      shape: input.isMatrix ? [rows, input.columns.length] : [rows],
      data: rowMajor(input, rows, columns),
    };
  });
  return JSON.stringify({ inputs: tensors, ...(output === undefined ? {} : { outputs: [{ name: output }] }) });
}

function rowMajor(input: RemoteInput, rows: number, columns: readonly Float64Array[]): number[] {
  const width = input.columns.length;
  const data = Array.from<number>({ length: rows * width });
  for (const [place, column] of input.columns.entries()) {
    const values = columns[column] ?? new Float64Array(rows);
    for (let row = 0; row < rows; row += 1) data[row * width + place] = values[row] ?? 0;
  }
  return data;
}

function requireWhole(input: RemoteInput, rows: number, columns: readonly Float64Array[], features: readonly string[]): void {
  for (const column of input.columns) {
    const odd = columns[column]?.subarray(0, rows).find((value) => !Number.isSafeInteger(value));
    if (odd === undefined) continue;
    throw new ScoringError(`${features[column]} is ${odd}, and the server's input ${input.name} takes whole numbers (${input.datatype})`, {
      forGood: true,
      blame: "rows",
    });
  }
}

/** @returns y_pred, [rows]; NaN where the server has no number. @throws Error that says what is wrong with the answer. */
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
  const data = output.data.flat(Infinity);
  const perRow = index === undefined ? 1 : data.length / rows;
  if (data.length !== rows * perRow || !Number.isInteger(perRow) || (index ?? 0) >= perRow) {
    const chosen = index === undefined ? "" : `, and number ${index} of each row is chosen`;
    throw new Error(`it answered ${rows} rows with ${data.length} numbers${chosen}`);
  }
  return Float64Array.from({ length: rows }, (_, row) => {
    const value = data[row * perRow + (index ?? 0)];
    return typeof value === "number" ? value : Number.NaN;
  });
}
