import type { InputPlan, PlannedInput } from "./input-plan.js";
import { parseJson } from "./metadata-json.js";
import { metadataKey } from "../onnx/metadata-keys.js";
import { ModelError } from "./model-error.js";

/** Where names may come from beside the inputs themselves. */
export interface NameSources {
  /** `metadata_props` of the file, or what `model.json` beside it says in their place. */
  readonly metadata: ReadonlyMap<string, string>;
  /** From the setting FEATURES. */
  readonly configured?: readonly string[] | undefined;
  /** The dataset's columns without target and id, in their order, if one is known. */
  readonly dataset?: readonly string[] | undefined;
}

/** The names of a model's features. */
export interface NamedFeatures {
  /** In the order in which the inputs take them. */
  readonly features: readonly string[];
  /** What a user should know of how they were found; without full stop. */
  readonly notes: readonly string[];
}

/**
 * The names that someone wrote down: in the file, beside it, or in the configuration.
 *
 * @throws ModelError if they are no list of names, or file and configuration differ.
 */
export function statedNames(path: string, { metadata, configured }: NameSources): readonly string[] | undefined {
  const written = writtenNames(path, metadata);
  if (written !== undefined && configured !== undefined && written.join("\n") !== configured.join("\n")) {
    throw new ModelError({
      path,
      reason: "feature-names",
      problem: `the file names its features ${written.join(", ")}, the configuration ${configured.join(", ")}`,
      remedy: "Leave the names out of the configuration, or correct them in the file",
    });
  }
  return written ?? configured;
}

/**
 * Finds the names of a model's features: those that someone wrote down, else the names of inputs that are a column each,
 * else the columns of the dataset in their order, if they are as many.
 *
 * @param path - for messages only.
 * @throws ModelError when there are no names, or their number is not the width of the inputs.
 */
export function featureNames(path: string, plan: InputPlan, sources: NameSources): NamedFeatures {
  const stated = statedNames(path, sources);
  const isColumns = plan.inputs.every(({ width }) => width === 1);
  const names = plan.inputs.map(({ name }) => name);
  if (stated !== undefined) {
    if (isColumns && plan.inputs.length > 1) return { features: namedColumns(path, names, stated), notes: [] };
    checkWidth(path, plan, stated);
    return { features: stated, notes: [] };
  }
  const { dataset } = sources;
  if (isColumns && (dataset === undefined || names.every((name) => dataset.includes(name)))) return { features: names, notes: [] };
  if (dataset !== undefined) return fromDataset(path, plan, dataset);
  const width = widthOf(plan);
  throw new ModelError({
    path,
    reason: "feature-names",
    problem: `the file does not name the ${width ?? ""} columns of its input`,
    remedy: `Name them, in the order the model was fitted on, in FEATURES=a,b,c, or in model.json beside the file ({"features": ["a", "b", "c"]}), or in its metadata as ${metadataKey.features}`,
  });
}

/** One name each: the inputs' own in any order, or others for the inputs in their order. */
function namedColumns(path: string, inputs: readonly string[], stated: readonly string[]): readonly string[] {
  const misplaced = stated.find((name, at) => inputs.includes(name) && inputs[at] !== name);
  if (stated.length === inputs.length && (misplaced === undefined || stated.every((name) => inputs.includes(name)))) {
    return misplaced === undefined ? stated : inputs;
  }
  throw new ModelError({
    path,
    reason: "feature-names",
    problem: `the inputs are ${inputs.join(", ")}, and the features are named ${stated.join(", ")}`,
    remedy: "Name as many features as there are inputs, each at its input's place, or none: the inputs have names",
  });
}

function fromDataset(path: string, plan: InputPlan, dataset: readonly string[]): NamedFeatures {
  const names = plan.inputs.map(({ name, width }) => (width === 1 ? name : undefined));
  const alike = spelledAlike(names, dataset);
  if (alike !== undefined) {
    const others = names.flatMap((name, at) => (name === undefined || name === alike[at] ? [] : [`${alike[at]} for ${name}`]));
    return { features: alike, notes: [`inputs are found in the dataset by names that are spelled alike: ${others.join(", ")}`] };
  }
  const known = new Set(names.filter((name) => name !== undefined && dataset.includes(name)));
  const rest = dataset.filter((name) => !known.has(name));
  const places = known.size === names.length ? undefined : placesFor(plan, known.size, rest.length);
  // Some of a model's names in the dataset and others not: a column is missing there, and no other stands for it.
  const guessed = places !== undefined && (known.size === 0 || names.every((name) => name === undefined || known.has(name)));
  if (guessed) {
    let next = 0;
    const features = plan.inputs.flatMap(({ name, width }) =>
      width === 1 && known.has(name) ? [name] : rest.slice(next, (next += width ?? places)),
    );
    return {
      features,
      notes: [
        `neither the file, model.json beside it nor FEATURES names its columns: it is given the dataset's in their order, ${features.join(", ")}`,
      ],
    };
  }
  if (names.every((name) => name !== undefined)) return { features: names, notes: [] };
  const width = widthOf(plan);
  const [only = ""] = dataset;
  if (dataset.length === 1 && /[;\t|]/.test(only)) {
    const problem = `the dataset's header is one cell, ${only.slice(0, 300)}`;
    throw new ModelError({ path, reason: "feature-names", problem, remedy: "Separate the cells of the dataset by commas" });
  }
  throw new ModelError({
    path,
    reason: "feature-names",
    problem: `the file does not name the ${width ?? ""} columns of its input, and the dataset has ${dataset.length} beside target and id: ${dataset.join(", ").slice(0, 300)}`,
    remedy: `Name those it was fitted on, in order, in FEATURES=a,b,c, or in model.json beside the file ({"features": ["a", "b", "c"]}); TARGET_COLUMN (for score: --target) and ID_COLUMN leave out the target and the ids`,
  });
}

/** The dataset's columns that differ from the inputs' names in case and punctuation only; undefined if they are not exactly one each. */
function spelledAlike(names: readonly (string | undefined)[], dataset: readonly string[]): readonly string[] | undefined {
  const plain = (name: string) => name.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, "");
  const found = names.map((name) => {
    if (name === undefined) return [];
    return dataset.includes(name) ? [name] : dataset.filter((column) => plain(column) === plain(name));
  });
  const features = found.flatMap((columns) => (columns.length === 1 ? columns : []));
  return features.length === names.length && new Set(features).size === names.length ? features : undefined;
}

/** How wide the input of open width is (any number if none is) so that all inputs take so many columns; undefined if they cannot. */
function placesFor(plan: InputPlan, known: number, columns: number): number | undefined {
  const closed = plan.inputs.reduce((sum, { width }) => sum + (width ?? 0), -known);
  const open = plan.inputs.filter(({ width }) => width === undefined);
  if (open.length === 0) return closed === columns ? 0 : undefined;
  return columns - closed > 0 && open.length === 1 ? columns - closed : undefined;
}

/** Features of all inputs; undefined if the file leaves it open. */
export function widthOf({ inputs }: InputPlan): number | undefined {
  return inputs.reduce<number | undefined>((sum, { width }) => (sum === undefined || width === undefined ? undefined : sum + width), 0);
}

function checkWidth(path: string, plan: InputPlan, names: readonly string[]): void {
  const width = widthOf(plan);
  const per = plan.inputs.map(openWidthUnit).find((unit) => unit !== undefined) ?? 1;
  if (width === undefined ? names.length % per === 0 : width === names.length) return;
  throw new ModelError({
    path,
    reason: "feature-names",
    problem: `the input has ${width ?? `a multiple of ${per}`} columns, and ${names.length} features are named: ${names.join(", ")}`,
    remedy: `Name each column once, in the order the model was fitted on, under ${metadataKey.features}`,
  });
}

/** By what the width of an input of open width can be divided; undefined if it is not open. */
function openWidthUnit({ width, sizes }: PlannedInput): number | undefined {
  if (width !== undefined) return undefined;
  return sizes.reduce<number>((product, size) => product * (typeof size === "number" ? size : 1), 1);
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
