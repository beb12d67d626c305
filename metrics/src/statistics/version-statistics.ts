import { mergeMoments, momentsOf, NO_MOMENTS, type Moments } from "@streamgauge/core";

/** The logged pairs of one version of a model. */
export interface VersionMoments {
  /** Name and version; empty where the predictions did not say. */
  readonly model: string;
  readonly moments: Moments;
}

/** Versions that are kept apart. */
const MOST = 20;
/** What versions are counted under whose turn is long past. */
export const EARLIER = "(earlier)";

/** Statistics of the logged pairs by the version that predicted them, for the latest 20 versions; those before are one. */
export class VersionStatistics {
  /** The one that was used last comes last. */
  readonly #versions = new Map<string, Moments>();
  #earlier: Moments = NO_MOMENTS;

  /** Takes in pairs of one version, shape [n] each. */
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
    if (this.#versions.size <= MOST) return;
    for (const [oldest, past] of this.#versions) {
      this.#versions.delete(oldest);
      this.#earlier = mergeMoments(this.#earlier, past);
      return;
    }
  }

  /** The earlier ones first, where there are any, and the version that was used last at the end. */
  list(): readonly VersionMoments[] {
    const earlier = this.#earlier.count === 0 ? [] : [{ model: EARLIER, moments: this.#earlier }];
    return [...earlier, ...Array.from(this.#versions, ([model, moments]) => ({ model, moments }))];
  }

  restore(versions: readonly VersionMoments[]): void {
    for (const { model, moments } of versions) this.#merge(model, moments);
  }
}
