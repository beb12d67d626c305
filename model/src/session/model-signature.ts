import { basename, extname } from "node:path";
import { featureNames, statedNames, type NameSources } from "./feature-names.js";
import type { FeatureKind } from "./feature-kind.js";
import type { HeldOutError, Reference } from "@streamgauge/core";
import { heldOutIn } from "./held-out.js";
import { referenceIn } from "./stated-reference.js";
import { planInputs, type InputPlan } from "./input-plan.js";
import { metadataKey } from "../onnx/metadata-keys.js";
import type { OnnxHeader } from "../onnx/header.js";
import { chooseOutput, type OutputChoice } from "./output-choice.js";
import { sourcesOf } from "../onnx/output-sources.js";
import { precisionOf, type Precision } from "./precision.js";

/** What must be known of a file to feed it and to name what comes out. */
export interface ModelSignature {
  readonly name: string;
  readonly features: readonly string[];
  /** [features] */
  readonly kinds: readonly FeatureKind[];
  /** [features] */
  readonly precisions: readonly Precision[];
  readonly target?: string;
  readonly targetUnit?: string;
  readonly heldOut?: HeldOutError;
  readonly reference?: Reference;
  /** With the width of every input known. */
  readonly plan: InputPlan;
  readonly output: OutputChoice;
  /** How the file is served, if that is not plain: clauses without full stop. */
  readonly notes: readonly string[];
}

/** What is said of a model outside of its file. */
export interface ServingWishes extends Omit<NameSources, "metadata"> {
  /** The setting OUTPUT. */
  readonly output?: string | undefined;
}

/**
 * Finds out how a file is fed and which of its numbers are predictions. Sizes that the file leaves open are not judged.
 *
 * @param header - with the metadata of model.json beside it, if the file has none of its own.
 * @throws ModelError that says what to do if rows cannot be fed, or no output or several can be meant.
 */
export function modelSignature(path: string, header: OnnxHeader, wishes: ServingWishes = {}): ModelSignature {
  const { metadata } = header;
  const sources = { metadata, configured: wishes.configured, dataset: wishes.dataset };
  const { output, plan: planned } = planFor(path, header, wishes.output, statedNames(path, sources)?.length);
  const { features, notes } = featureNames(path, planned, sources);
  const plan = withWidths(planned, features.length);
  const target = metadata.get(metadataKey.target);
  const targetUnit = metadata.get(metadataKey.targetUnit);
  const heldOut = heldOutIn(path, metadata);
  const reference = referenceIn(path, metadata);
  return {
    // The name of the graph is no use: converters fill it with "main_graph" or a random identifier.
    name: metadata.get(metadataKey.name) ?? basename(path, extname(path)),
    features,
    kinds: plan.inputs.flatMap(({ kind, width }) => Array.from({ length: width ?? 0 }, () => kind)),
    precisions: plan.inputs.flatMap(({ type, width }) => Array.from({ length: width ?? 0 }, () => precisionOf(type))),
    ...(target === undefined ? {} : { target }),
    ...(targetUnit === undefined ? {} : { targetUnit }),
    ...(heldOut === undefined ? {} : { heldOut }),
    ...(reference === undefined ? {} : { reference }),
    plan,
    output,
    notes: [...notes, ...planNotes(plan), ...outputNotes(header, output)],
  };
}

/**
 * Chooses the output, and plans how what it depends on is fed.
 *
 * @param wanted - the setting OUTPUT.
 * @param stated - how many features are named, if they are.
 * @throws ModelError as `modelSignature` does.
 */
export function planFor(
  path: string,
  header: OnnxHeader,
  wanted?: string,
  stated?: number,
): { readonly output: OutputChoice; readonly plan: InputPlan } {
  const output = chooseOutput(path, header, wanted ?? header.metadata.get(metadataKey.output));
  const needed = sourcesOf(header, output.name);
  return { output, plan: planInputs(path, header.inputs, (name) => needed.has(name), stated) };
}

/** The plan with its one open width settled by the number of names. */
function withWidths(plan: InputPlan, features: number): InputPlan {
  const closed = plan.inputs.reduce((sum, { width }) => sum + (width ?? 0), 0);
  const inputs = plan.inputs.map((input) => {
    if (input.width !== undefined) return input;
    const width = features - closed;
    const product = input.sizes.reduce<number>((size, each) => size * (typeof each === "number" ? each : 1), 1);
    let open = width / product;
    // One size takes what is open, and further ones are 1.
    const sizes = input.sizes.map((size) => {
      if (typeof size === "number") return size;
      const taken = open;
      open = 1;
      return taken;
    });
    return { ...input, sizes, width };
  });
  return { ...plan, inputs };
}

function planNotes({ batch, unneeded }: InputPlan): string[] {
  const notes: string[] = [];
  if (batch === 1) notes.push("it takes one row a call: rows are scored one after another");
  else if (batch !== undefined)
    notes.push(`it takes exactly ${batch} rows a call: a call with fewer is filled up, and the filling's answers are dropped`);
  if (unneeded.length > 0) {
    notes.push(`the prediction does not depend on ${unneeded.map(({ name }) => name).join(", ")}: rows need no such values`);
  }
  return notes;
}

function outputNotes({ outputs }: OnnxHeader, { name, index }: OutputChoice): string[] {
  if (outputs.length === 1 && index === undefined) return [];
  return [`y_pred is its output ${name}${index === undefined ? "" : `[${index}]`}`];
}
