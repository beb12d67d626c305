import { open } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { replaceFile, type Reference } from "@streamgauge/core";
import { parseJson } from "./metadata-json.js";
import { metadataKey } from "../onnx/metadata-keys.js";
import { headerOf } from "./model-header.js";
import { ModelError } from "./model-error.js";
import { readModelFile } from "./model-file.js";

/** More than any description needs; a JSON file that is larger is something else. */
const MAX_BYTES = 4 << 20;

/** Entries of the file, and the metadata that each stands for. */
const ENTRIES: ReadonlyMap<string, string> = new Map([
  ["name", metadataKey.name],
  ["features", metadataKey.features],
  ["output", metadataKey.output],
  ["target", metadataKey.target],
  ["target_unit", metadataKey.targetUnit],
  ["held_out", metadataKey.heldOut],
  ["feature_statistics", metadataKey.featureStatistics],
  ["reference", metadataKey.reference],
]);

/** What a JSON file beside a model says of it, in the form of the metadata within a model. */
export interface Sidecar {
  readonly path: string;
  readonly metadata: ReadonlyMap<string, string>;
}

/**
 * Reads the description beside a model that cannot carry one itself: `price.json` for `price.onnx`, else `model.json`.
 *
 * @returns undefined if there is none. A JSON object without any of the entries does not count: XGBoost uses the same name for its own files.
 * @throws ModelError if it has an entry that cannot be used.
 */
export async function readSidecar(path: string): Promise<Sidecar | undefined> {
  const folder = dirname(path);
  for (const name of new Set([`${basename(path, extname(path))}.json`, "model.json"])) {
    const beside = join(folder, name);
    const metadata = metadataOf(path, beside, await textOf(beside));
    if (metadata !== undefined) return { path: beside, metadata };
  }
  return undefined;
}

/** The text of a small file; undefined if there is none. */
async function textOf(path: string): Promise<string | undefined> {
  const file = await open(path).catch(() => undefined);
  try {
    const stats = await file?.stat();
    return stats?.isFile() === true && stats.size <= MAX_BYTES ? await file?.readFile("utf8") : undefined;
  } finally {
    await file?.close();
  }
}

function metadataOf(model: string, path: string, text: string | undefined): ReadonlyMap<string, string> | undefined {
  const value = text === undefined ? undefined : parseJson(text);
  if (text !== undefined && value === undefined && /"(features|output|target)"\s*:/.test(text)) {
    throw new ModelError({
      path: model,
      reason: "metadata",
      problem: `${path} beside it is not JSON`,
      remedy: "Correct that file, or take it away",
    });
  }
  if (typeof value !== "object" || value === null) return undefined;
  const known = Object.entries(value).flatMap(([name, entry]: [string, unknown]) => {
    const key = ENTRIES.get(name);
    return key === undefined ? [] : [[key, typeof entry === "string" ? entry : JSON.stringify(entry)] as const];
  });
  return known.length === 0 ? undefined : new Map(known);
}

/**
 * Writes a model's reference into the JSON file beside it, `price.json` for `price.onnx`, and leaves the other entries as they are.
 *
 * @returns the path of the file. @throws ModelError if the model has a reference inside, or the file is another program's.
 */
export async function writeReference(path: string, reference: Reference): Promise<string> {
  const { metadata } = headerOf(path, await readModelFile(path));
  const refuse = (problem: string, remedy: string) => new ModelError({ path, reason: "metadata", problem, remedy });
  if (metadata.has(metadataKey.reference))
    throw refuse("it has a reference inside, which counts before any beside it", "Use it as it is; streamgauge model inspect shows it");
  const beside = join(dirname(path), `${basename(path, extname(path))}.json`);
  const text = await textOf(beside);
  const before = text === undefined ? {} : parseJson(text);
  const isOurs = text === undefined || metadataOf(path, beside, text) !== undefined;
  if (typeof before !== "object" || before === null || !isOurs)
    throw refuse(
      `${beside} beside it is a file of another program`,
      "Give the model another name, so that its description can have that name",
    );
  replaceFile(beside, `${JSON.stringify({ ...before, reference })}\n`);
  return beside;
}
