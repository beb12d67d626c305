import { isReferenceJson, type Reference } from "@streamgauge/core";
import { metadataKey } from "../onnx/metadata-keys.js";
import { parseJson } from "./metadata-json.js";
import { ModelError } from "./model-error.js";

/**
 * What features and predictions looked like where a model was made: from its metadata, or from the JSON beside it.
 *
 * @returns undefined if it does not say. @throws ModelError if it says so in another form.
 */
export function referenceIn(path: string, metadata: ReadonlyMap<string, string>): Reference | undefined {
  const stated = metadata.get(metadataKey.reference);
  if (stated === undefined) return undefined;
  const value = parseJson(stated);
  if (isReferenceJson(value)) return value;
  throw new ModelError({
    path,
    reason: "metadata",
    problem: `its reference is ${stated.slice(0, 200)}, which has not the form that streamgauge reference writes`,
    remedy: "Write it anew with streamgauge reference MODEL DATA.csv, or leave it out",
  });
}
