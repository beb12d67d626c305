import type { HeldOutError, Reference } from "@streamgauge/core";
import type { FeatureKind } from "./feature-kind.js";
import { featureNames, widthOf } from "./feature-names.js";
import { ModelError } from "./model-error.js";
import { readModelFile } from "./model-file.js";
import { planFor } from "./model-signature.js";
import { readSidecar } from "./model-sidecar.js";
import type { OnnxHeader } from "../onnx/header.js";
import type { DeclaredValue } from "../onnx/declared-value.js";
import type { OnnxModel, OpenModelOptions } from "./onnx-model.js";
import { headerOf } from "./model-header.js";
import { openModel } from "./open-model.js";
import type { SampleRow } from "./sample-rows.js";
import { columnsOf } from "./warm-up.js";

/** How long a call with so many rows takes. */
export interface CallLatency {
  readonly rows: number;
  /** Median, in ms. */
  readonly milliseconds: number;
}

/** What becomes of a model that can be served. */
export interface ServedAs {
  readonly name: string;
  readonly version: string;
  readonly target?: string;
  readonly targetUnit?: string;
  readonly heldOut?: HeldOutError;
  readonly reference?: Reference;
  readonly features: readonly { readonly name: string; readonly kind: FeatureKind }[];
  /** How it is served, if that is not obvious. */
  readonly notes: readonly string[];
  readonly sample: { readonly row: SampleRow; readonly yPred: number };
  readonly latency: readonly CallLatency[];
}

/** What a model file says of itself, and whether and how it would be served. */
export interface ModelInspection {
  readonly path: string;
  /** Of the file itself. */
  readonly bytes: number;
  readonly producer: string;
  readonly irVersion: number;
  readonly opsets: Readonly<Record<string, number>>;
  readonly inputs: readonly DeclaredValue[];
  readonly outputs: readonly DeclaredValue[];
  /** Operator and how often it occurs, the most frequent first. */
  readonly operators: readonly (readonly [operator: string, count: number])[];
  readonly metadata: Readonly<Record<string, string>>;
  /** Paths of what belongs to the model beside the file. */
  readonly besides: readonly string[];
  /** Absent if it would be refused. */
  readonly served?: ServedAs;
  /** Why it would be refused. */
  readonly refusal?: string;
}

const BATCHES = [1, 16, 256, 4096];
/** For one size of batch, in ms. */
const MEASURED_MS = 200;
/** A model that takes so long for one call is not asked for more rows. */
const SLOW_MS = 2_000;

/**
 * Looks at a model without serving it.
 *
 * @param options - as it would be opened. Without names of columns it is tried as with a dataset that has as many as it takes.
 * @throws ModelError if the file cannot be read or is not ONNX.
 */
export async function inspectModel(path: string, options: OpenModelOptions = {}): Promise<ModelInspection> {
  const bytes = await readModelFile(path);
  const header = headerOf(path, bytes);
  const sidecar = await readSidecar(path);
  const counts = new Map<string, number>();
  for (const { operator } of header.nodes) counts.set(operator, (counts.get(operator) ?? 0) + 1);
  const about = {
    path,
    bytes: bytes.length,
    producer: header.producer,
    irVersion: header.irVersion,
    opsets: Object.fromEntries(header.opsets),
    inputs: header.inputs,
    outputs: header.outputs,
    operators: [...counts].toSorted(([, one], [, other]) => other - one),
    metadata: Object.fromEntries(header.metadata),
    besides: [...header.externalFiles, ...(sidecar === undefined ? [] : [sidecar.path])],
  };
  try {
    return {
      ...about,
      served: await tried(path, options, { ...header, metadata: new Map([...(sidecar?.metadata ?? []), ...header.metadata]) }),
    };
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    return { ...about, refusal: error.message };
  }
}

async function tried(path: string, options: OpenModelOptions, header: OnnxHeader): Promise<ServedAs> {
  const width = options.dataset === undefined ? unnamedWidth(path, options, header) : undefined;
  const nameless = width === undefined ? undefined : Array.from({ length: width }, (_, at) => `column ${at + 1}`);
  const model = await openModel(path, nameless === undefined ? options : { ...options, dataset: nameless });
  try {
    const [yPred = Number.NaN] = await model.predict(1, columnsOf(model.kinds, [model.sample]));
    const { name, version, target, targetUnit, heldOut, reference, features, kinds, notes, sample } = model;
    const first = `nothing names its columns: it takes the dataset's in their order, if that has ${width} beside target and id`;
    return {
      name,
      version,
      ...(target === undefined ? {} : { target }),
      ...(targetUnit === undefined ? {} : { targetUnit }),
      ...(heldOut === undefined ? {} : { heldOut }),
      ...(reference === undefined ? {} : { reference }),
      features: features.map((feature, at) => ({ name: feature, kind: kinds[at] ?? "number" })),
      notes: nameless === undefined ? notes : [first, ...notes.slice(1)],
      sample: { row: sample, yPred },
      latency: await latencies(model),
    };
  } finally {
    await model.close();
  }
}

/** How many columns a model takes without naming them; undefined if they have names, or are any number. */
function unnamedWidth(path: string, options: OpenModelOptions, header: OnnxHeader): number | undefined {
  const { plan } = planFor(path, header, options.output);
  try {
    featureNames(path, plan, { metadata: header.metadata, configured: options.features });
    return undefined;
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    return widthOf(plan);
  }
}

async function latencies(model: OnnxModel): Promise<CallLatency[]> {
  const found: CallLatency[] = [];
  for (const rows of BATCHES) {
    const columns = columnsOf(
      model.kinds,
      Array.from({ length: rows }, () => model.sample),
    );
    const times: number[] = [];
    const end = performance.now() + MEASURED_MS;
    do {
      const began = performance.now();
      await model.predict(rows, columns);
      times.push(performance.now() - began);
    } while (performance.now() < end);
    const milliseconds = times.toSorted((one, other) => one - other)[Math.floor(times.length / 2)] ?? 0;
    found.push({ rows, milliseconds });
    if (milliseconds > SLOW_MS) break;
  }
  return found;
}
