import { parseJson } from "./metadata-json.js";
import { metadataKey } from "./metadata-keys.js";
import { ModelError } from "./model-error.js";

/**
 * Finds the names of a model's columns.
 *
 * @param path - for the message only.
 * @param metadata - the file's `metadata_props`.
 * @param configured - names from the configuration, if any.
 * @param width - number of columns that the input declares; undefined when it is open.
 * @returns the names in the order of the input's columns.
 * @throws ModelError when there are no names, when file and configuration differ, or when their number is not `width`.
 */
export function featureNames(
  path: string,
  metadata: ReadonlyMap<string, string>,
  configured: readonly string[] | undefined,
  width: number | undefined,
): readonly string[] {
  const written = writtenNames(path, metadata);
  if (written !== undefined && configured !== undefined && written.join("\n") !== configured.join("\n")) {
    throw new ModelError({
      path,
      reason: "feature-names",
      problem: `the file names its features ${written.join(", ")}, the configuration ${configured.join(", ")}`,
      remedy: "Leave the names out of the configuration, or correct them in the file",
    });
  }
  const names = written ?? configured;
  if (names === undefined) {
    throw new ModelError({
      path,
      reason: "feature-names",
      problem: `the file does not name the ${width ?? ""} columns of its input`,
      remedy: `Write them into its metadata as ${metadataKey.features}; docs/your-own-model.md shows how`,
    });
  }
  if (width !== undefined && width !== names.length) {
    throw new ModelError({
      path,
      reason: "feature-names",
      problem: `the input has ${width} columns, and ${names.length} features are named: ${names.join(", ")}`,
      remedy: `Name each column once, in the order the model was fitted on, under ${metadataKey.features}`,
    });
  }
  return names;
}

function writtenNames(path: string, metadata: ReadonlyMap<string, string>): readonly string[] | undefined {
  const text = metadata.get(metadataKey.features);
  if (text === undefined) return undefined;
  const names = parseJson(text);
  if (!isNameList(names)) {
    throw new ModelError({
      path,
      reason: "metadata",
      problem: `the metadata ${metadataKey.features} is ${text}`,
      remedy: 'Write a JSON array of different names, such as ["age", "bmi"]',
    });
  }
  return names;
}

function isNameList(value: unknown): value is readonly string[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((name) => typeof name === "string" && name !== "") &&
    new Set(value).size === value.length
  );
}
