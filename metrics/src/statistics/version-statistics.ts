import { mergeMoments, momentsOf, NO_MOMENTS, type Moments } from "@streamgauge/core";
import type { AlreadyLogged, Pairs } from "../log/metric-log.js";

/** The logged pairs of one version of a model. */
export interface VersionMoments {
  /** Name and version; empty if the predictions have none. */
  readonly model: string;
  readonly moments: Moments;
}

/** Versions with statistics of their own. */
const MAX_VERSIONS = 20;
/** The name under which all earlier versions are counted. */
export const EARLIER = "(earlier)";

/** Statistics of the logged pairs by model version, for the 20 versions used last. All earlier ones are merged into one. */
export class VersionStatistics {
  /** In order of their last use. */
  readonly #versions = new Map<string, Moments>();
  #earlier: Moments = NO_MOMENTS;

  /** Adds pairs of one version, shape [n] each. */
  add(model: string, yTrue: Float64Array, yPred: Float64Array): void {
    this.#merge(model, momentsOf(yTrue, yPred));
  }

  /**
   * Adds pairs to the versions that predicted them.
   *
   * @param known - the pairs that are not counted, because the log has their ids. @param model - the version of all pairs, or of the i-th.
   */
  addLogged(
    { yTrue, yPred }: Pick<Pairs, "yTrue" | "yPred">,
    known: readonly Pick<AlreadyLogged, "row">[],
    model: string | ((i: number) => string),
  ): void {
    if (known.length === yTrue.length) return;
    if (typeof model === "string" && known.length === 0) {
      this.add(model, yTrue, yPred);
      return;
    }
    for (const [name, rows] of rowsByVersion(yTrue.length, known, typeof model === "string" ? () => model : model)) {
      const pick = (values: Float64Array) => Float64Array.from(rows, (row) => values[row] ?? 0);
      this.add(name, pick(yTrue), pick(yPred));
    }
  }

  #merge(model: string, moments: Moments): void {
    if (model === EARLIER) {
      this.#earlier = mergeMoments(this.#earlier, moments);
      return;
    }
    const before = this.#versions.get(model) ?? NO_MOMENTS;
    this.#versions.delete(model);
    this.#versions.set(model, mergeMoments(before, moments));
    if (this.#versions.size <= MAX_VERSIONS) return;
    for (const [oldest, past] of this.#versions) {
      this.#versions.delete(oldest);
      this.#earlier = mergeMoments(this.#earlier, past);
      return;
    }
  }

  /** The merged earlier versions first, if there are any, then the others in order of their last use. */
  list(): readonly VersionMoments[] {
    const earlier = this.#earlier.count === 0 ? [] : [{ model: EARLIER, moments: this.#earlier }];
    return [...earlier, ...Array.from(this.#versions, ([model, moments]) => ({ model, moments }))];
  }

  restore(versions: readonly VersionMoments[]): void {
    for (const { model, moments } of versions) this.#merge(model, moments);
  }
}

function rowsByVersion(
  count: number,
  known: readonly Pick<AlreadyLogged, "row">[],
  modelOf: (row: number) => string,
): Map<string, number[]> {
  const skipped = new Set(known.map(({ row }) => row));
  const rowsOf = new Map<string, number[]>();
  for (let row = 0; row < count; row += 1) {
    if (skipped.has(row)) continue;
    const name = modelOf(row);
    const rows = rowsOf.get(name);
    if (rows === undefined) rowsOf.set(name, [row]);
    else rows.push(row);
  }
  return rowsOf;
}
