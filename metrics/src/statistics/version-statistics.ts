import { mergeMoments, momentsOf, NO_MOMENTS, type Moments } from "@streamgauge/core";

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
