import type { HeldOutError } from "@streamgauge/core";
import Type from "typebox";
import { Compile } from "typebox/compile";
import { metadataKey } from "../onnx/metadata-keys.js";
import { parseJson } from "./metadata-json.js";
import { ModelError } from "./model-error.js";

const isErrors = Compile(
  Type.Object({ rows: Type.Integer({ minimum: 1 }), mae: Type.Number({ minimum: 0 }), rmse: Type.Optional(Type.Number({ minimum: 0 })) }),
);
const isTraining = Compile(Type.Object({ held_out: Type.Unknown() }));

/**
 * What a model's absolute errors were on rows that it was not fitted on: from its metadata, or from the JSON beside it.
 *
 * @returns undefined if it does not say, or made no error at all there, which cannot be a measure.
 * @throws ModelError if it says so in another form.
 */
export function heldOutIn(path: string, metadata: ReadonlyMap<string, string>): HeldOutError | undefined {
  const stated = metadata.get(metadataKey.heldOut);
  const value = stated === undefined ? inTraining(metadata.get(metadataKey.training)) : parseJson(stated);
  if (isErrors.Check(value)) return value.mae === 0 ? undefined : asAbsolute(value);
  if (stated === undefined) return undefined;
  throw new ModelError({
    path,
    reason: "metadata",
    problem: `its held-out error is ${stated.slice(0, 200)}`,
    remedy: 'Write it as {"rows": 88, "mae": 43.8, "rmse": 54.1}, with the numbers of rows that it was not fitted on, or leave it out',
  });
}

function inTraining(text: string | undefined): unknown {
  const training = text === undefined ? undefined : parseJson(text);
  return isTraining.Check(training) ? training.held_out : undefined;
}

/** The variance of |e| is the mean of e² less the square of the mean of |e|. */
function asAbsolute({ rows, mae, rmse = mae }: { readonly rows: number; readonly mae: number; readonly rmse?: number }): HeldOutError {
  const inflation = rows > 1 ? rows / (rows - 1) : 1;
  return { rows, mae, sd: Math.sqrt(Math.max(0, rmse * rmse - mae * mae) * inflation) };
}
