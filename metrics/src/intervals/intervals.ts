import type { SignedValue } from "@streamgauge/core/windows";
import { VersionWidths, type SavedVersionWidths } from "./version-widths.js";

/** The share of rows whose interval is to hold the label, unless it is set. */
export const DEFAULT_COVERAGE = 0.9;

/** Versions of a model with a width of their own; the one used least recently is forgotten first. */
const MAX_VERSIONS = 8;

/** What is kept of the widths of a lane. */
export interface SavedIntervals {
  /** The share of rows whose interval is to hold the label, as it was set. */
  readonly coverage: number;
  /** The one used last at the end. */
  readonly versions: readonly SavedVersionWidths[];
}

/** The width of a version. */
export interface ModelHalfWidth {
  readonly model: string;
  readonly halfWidth: number;
}

/** The half widths of a lane, one for each version of its model: a new version has none until it has labels of its own. */
export class Intervals {
  #coverage: number;
  /** In order of their last use. */
  readonly #versions = new Map<string, VersionWidths>();
  /** As they were saved, for those that have not changed since. */
  readonly #saved = new Map<string, SavedVersionWidths>();
  /** Those that have rows of the current commit. */
  readonly #touched = new Map<string, VersionWidths>();
  #lastModel: string | undefined;
  #last: VersionWidths;

  /** @param coverage - unless it was saved. */
  constructor(coverage: number, saved: SavedIntervals | undefined) {
    this.#coverage = saved?.coverage ?? coverage;
    this.#last = new VersionWidths(this.#coverage);
    for (const version of saved?.versions ?? []) {
      this.#versions.set(version.model, VersionWidths.of(version, this.#coverage));
      this.#saved.set(version.model, version);
    }
  }

  /** The share of rows whose interval is to hold the label. */
  get coverage(): number {
    return this.#coverage;
  }

  /** Between commits: another share is wanted. Of each version the errors stay, and its level begins anew. */
  setCoverage(coverage: number): void {
    if (coverage === this.#coverage) return;
    this.#coverage = coverage;
    for (const [model, widths] of this.#versions) this.#versions.set(model, VersionWidths.withCoverage(widths.save(model), coverage));
    this.#saved.clear();
    this.#lastModel = undefined;
  }

  /** A labelled row, in the order of the log; see `VersionWidths`. */
  add(model: string, error: SignedValue, halfWidth: number, predictedAt: number): void {
    if (model !== this.#lastModel) this.#use(model);
    this.#last.add(error, halfWidth, predictedAt);
  }

  #use(model: string): void {
    const widths = this.#versions.get(model) ?? new VersionWidths(this.#coverage);
    this.#versions.delete(model);
    this.#versions.set(model, widths);
    this.#saved.delete(model);
    this.#touched.set(model, widths);
    this.#lastModel = model;
    this.#last = widths;
    for (const oldest of this.#versions.keys()) {
      if (this.#versions.size <= MAX_VERSIONS) break;
      this.#versions.delete(oldest);
      this.#saved.delete(oldest);
      this.#touched.delete(oldest);
    }
  }

  /** @param now - the time of the commit, ms since 1970. */
  endCommit(now: number): void {
    for (const widths of this.#touched.values()) widths.endCommit(now);
    this.#touched.clear();
    this.#lastModel = undefined;
  }

  /** The half width of a version; undefined if it has none. */
  halfWidthOf(model: string): number | undefined {
    return this.#versions.get(model)?.halfWidth;
  }

  /** The versions that have a width, the one used last at the end. */
  list(): readonly ModelHalfWidth[] {
    return Array.from(this.#versions, ([model, { halfWidth }]) => ({ model, halfWidth })).filter(
      (each): each is ModelHalfWidth => each.halfWidth !== undefined,
    );
  }

  save(): SavedIntervals {
    const versions = Array.from(this.#versions, ([model, widths]) => {
      const saved = this.#saved.get(model) ?? widths.save(model);
      this.#saved.set(model, saved);
      return saved;
    });
    return { coverage: this.#coverage, versions };
  }
}
