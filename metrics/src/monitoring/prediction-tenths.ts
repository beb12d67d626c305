import { gridOfTenths, NO_TENTH, type WindowReference } from "@streamgauge/core/windows";
import type { PairGrids } from "../state/pair-grids.js";

/** The reference of one model version: how its first rows were predicted, and how wrong they were. */
export interface SavedReference {
  readonly model: string;
  /** The first predictions; empty once there are edges. */
  readonly predictions: readonly number[];
  /** Between the tenths of the predictions, ascending; empty until there are enough predictions. */
  readonly edges: readonly number[];
  /** Labelled rows of the reference, and their Σ|e|. */
  readonly labelled: number;
  readonly absolute: number;
  /** Mean |e| on rows that the model was not fitted on, if it says so. */
  readonly heldOut?: number;
}

interface Reference {
  predictions: number[];
  edges: Float64Array | undefined;
  labelled: number;
  absolute: number;
  heldOut: number | undefined;
}

/** Model versions whose reference is kept. */
const MAX_VERSIONS = 20;

/** Tells the tenth of a prediction: by the tenths of the first predictions of its model version, which are frozen then. */
export class PredictionTenths {
  /** Predictions of a reference. */
  rows: number;
  /** In order of their last use. */
  readonly #references = new Map<string, Reference>();
  readonly #grids: PairGrids;
  #lastModel: string | undefined;
  #last: Reference = newReference();

  /** @param grids - which it adds to, for each version that has tenths. */
  constructor(rows: number, grids: PairGrids, saved: readonly SavedReference[] = []) {
    this.rows = rows;
    this.#grids = grids;
    for (const { model, predictions, edges, labelled, absolute, heldOut } of saved) {
      this.#references.set(model, {
        predictions: [...predictions],
        edges: edges.length === 0 ? undefined : Float64Array.from(edges),
        labelled,
        absolute,
        heldOut,
      });
      if (edges.length > 0) grids.freeze(model, gridOfTenths(edges));
    }
  }

  /** The model says how wrong it is on rows that it was not fitted on. @returns whether it is the first to say so of this version. */
  hold(model: string, mae: number): boolean {
    const reference = this.#of(model);
    if (reference.heldOut !== undefined) return false;
    reference.heldOut = mae;
    return true;
  }

  /** Counts a prediction, and tells its tenth; `NO_TENTH` before there is a reference. */
  add(model: string, yPred: number): number {
    const reference = this.#of(model);
    if (reference.edges !== undefined) return tenthOf(reference.edges, yPred);
    if (reference.predictions.push(yPred) >= this.rows) {
      reference.edges = edgesOf(reference.predictions);
      this.#grids.freeze(model, gridOfTenths(reference.edges));
      reference.predictions = [];
    }
    return NO_TENTH;
  }

  /** Counts an error of a labelled row. */
  addError(model: string, absolute: number): void {
    const reference = this.#of(model);
    if (reference.labelled >= this.rows) return;
    reference.labelled += 1;
    reference.absolute += absolute;
  }

  /** Mean |e| of a model version: on held-out rows, if it says so, else of its first labelled rows; NaN while there are none. */
  referenceOf(model: string): WindowReference {
    const { labelled, absolute, heldOut } = this.#of(model);
    // All partitions know the same held-out rows.
    if (heldOut !== undefined) return { referenceMae: heldOut };
    return labelled === 0 ? { referenceMae: Number.NaN } : { referenceMae: absolute / labelled, referenceRows: labelled };
  }

  #of(model: string): Reference {
    if (model === this.#lastModel) return this.#last;
    const reference = this.#references.get(model) ?? newReference();
    this.#references.delete(model);
    this.#references.set(model, reference);
    for (const oldest of this.#references.keys()) {
      if (this.#references.size <= MAX_VERSIONS) break;
      this.#references.delete(oldest);
    }
    this.#lastModel = model;
    return (this.#last = reference);
  }

  save(): SavedReference[] {
    return Array.from(this.#references, ([model, { predictions, edges, labelled, absolute, heldOut }]) => ({
      model,
      predictions,
      edges: edges === undefined ? [] : [...edges],
      labelled,
      absolute,
      ...(heldOut === undefined ? {} : { heldOut }),
    }));
  }
}

function newReference(): Reference {
  return { predictions: [], edges: undefined, labelled: 0, absolute: 0, heldOut: undefined };
}

/** The nine quantiles between tenths, by linear interpolation as `numpy.quantile`. */
function edgesOf(values: readonly number[]): Float64Array {
  const sorted = Float64Array.from(values).sort();
  return Float64Array.from({ length: 9 }, (_, i) => {
    const position = ((i + 1) / 10) * (sorted.length - 1);
    const lower = sorted[Math.floor(position)] ?? 0;
    return lower + ((sorted[Math.ceil(position)] ?? 0) - lower) * (position % 1);
  });
}

/** How many edges are at the value or below it. */
function tenthOf(edges: Float64Array, value: number): number {
  let tenth = 0;
  while (tenth < edges.length && value >= (edges[tenth] ?? Infinity)) tenth += 1;
  return tenth;
}
