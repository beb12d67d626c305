import type { RowCodes } from "../frames/frame.js";
import type { CodeLayout } from "./code-layout.js";
import { BELOW, MISSING, NUMBER_BINS, TextCodes, UNSEEN, type FeatureBins } from "./feature-bins.js";
import { layoutOf, monitoredReference, type MonitoredReference } from "./monitored-reference.js";
import type { Reference, Values } from "./reference.js";
import { NAME_CHARACTERS } from "./unseen-names.js";

/** Edges are filled up to one less than a power of two, so that every search takes five steps. */
const EDGES = 31;

/** Finds the bins of a feature's values. */
type Coder = { readonly kind: "number"; readonly edges: Float64Array } | { readonly kind: "text"; readonly codes: TextCodes };

/** Finds the bins of rows, by a model's reference. */
export class RowCoder {
  /** What is monitored. */
  readonly reference: MonitoredReference;
  readonly layout: CodeLayout;
  /** Of each column of codes: the place of its feature in the model's order; -1 of the predictions, and of a feature that the model does not take. */
  readonly #places: readonly number[];
  readonly #coders: readonly Coder[];

  /** @param features - in the model's order. @param names - the features to monitor; empty: all, at most 64. */
  constructor(reference: Reference, features: readonly string[], names: readonly string[]) {
    this.reference = monitoredReference(reference, names);
    this.layout = layoutOf(this.reference);
    const { columns } = this.reference;
    this.#places = columns.map(({ name, isPrediction }) => (isPrediction ? -1 : features.indexOf(name)));
    // The monitored reference lacks the rare texts.
    this.#coders = columns.map(({ name, isPrediction }) => coderOf((isPrediction ? reference.y_pred : reference.features[name])?.bins));
  }

  /** @param columns - [features][rows], in the model's order. @param yPred - shape [rows]. */
  codesOf(columns: readonly Values[], yPred: Float64Array): RowCodes {
    const { width, columns: coded } = this.layout;
    const rows = yPred.length;
    const bytes = new Uint8Array(rows * width);
    const unseen = new Map<number, string[]>();
    for (const [column, coder] of this.#coders.entries()) {
      const values = coded[column]?.of === "y_pred" ? yPred : columns[this.#places[column] ?? -1];
      if (values === undefined) continue;
      if (coder.kind === "number") numberBytes(coder.edges, values, bytes, column, width);
      else textBytes(coder.codes, values, bytes, column, width, unseen);
    }
    if (unseen.size === 0) return { layout: this.layout, bytes };
    return { layout: this.layout, bytes, unseen: Array.from({ length: rows }, (_, row) => cellOf(unseen.get(row))) };
  }
}

function coderOf(bins: FeatureBins | undefined): Coder {
  if (bins?.kind === "text") return { kind: "text", codes: new TextCodes(bins) };
  const edges = new Float64Array(EDGES).fill(Infinity);
  edges.set((bins?.edges ?? []).slice(0, NUMBER_BINS + 1));
  return { kind: "number", edges };
}

/** The bin of a number is how many edges are below it. */
function numberBytes(edges: Float64Array, values: Values, bytes: Uint8Array, column: number, width: number): void {
  if (!(values instanceof Float64Array)) return;
  for (let row = 0, at = column; at < bytes.length; row += 1, at += width) {
    const value = values[row] ?? Number.NaN;
    // Without branches, which nothing foretells: half the time.
    let below = 16 * Number((edges[15] ?? Infinity) < value);
    below += 8 * Number((edges[below + 7] ?? Infinity) < value);
    below += 4 * Number((edges[below + 3] ?? Infinity) < value);
    below += 2 * Number((edges[below + 1] ?? Infinity) < value);
    below += Number((edges[below] ?? Infinity) < value);
    bytes[at] = Number.isNaN(value) ? MISSING : BELOW + below;
  }
}

/** @param unseen - gets the unseen texts of each row. */
function textBytes(
  codes: TextCodes,
  values: Values,
  bytes: Uint8Array,
  column: number,
  width: number,
  unseen: Map<number, string[]>,
): void {
  for (let row = 0, at = column; at < bytes.length; row += 1, at += width) {
    const text = String(values[row] ?? "");
    const code = codes.of(text);
    bytes[at] = code;
    if (code !== UNSEEN) continue;
    const texts = unseen.get(row);
    const name = Array.from(text.slice(0, 2 * NAME_CHARACTERS))
      .slice(0, NAME_CHARACTERS)
      .join("");
    if (texts === undefined) unseen.set(row, [name]);
    else texts.push(name);
  }
}

/** See `RowCodes.unseen`. */
function cellOf(texts: readonly string[] | undefined): string | null {
  return texts === undefined ? null : JSON.stringify(texts);
}
