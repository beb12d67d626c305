import { binsOf, gridOf, type Bin } from "../statistics/bin-cells.js";
import type { Errors } from "../statistics/metrics/metric.js";
import type { Moments } from "../statistics/moments.js";
import { ErrorSums } from "./error-sums.js";
import type { LabelledRow } from "./labelled-row.js";
import { LabelledRows } from "./labelled-rows.js";
import { PairCells, type NewPairs, type SavedPairs } from "./pair-cells.js";
import type { IntervalFigures } from "./interval-sums.js";
import type { SavedWindow, WindowReference } from "./saved-window.js";
import { WorstRows, type WorstRow } from "./worst-rows.js";
import type { WindowSize } from "./window-size.js";

/** Model versions with sums of their own; rows of later ones are counted under this name. */
const MAX_VERSIONS = 20;
export const OTHER_VERSIONS = "(other)";

/** The rows of a window whose prediction is in one tenth of the reference's predictions. */
export interface TenthOfWindow {
  /** See `TenthInWindow`. */
  readonly tenth: number;
  readonly predicted: number;
  readonly moments: Moments;
}

/** The labelled rows of one model version. */
class VersionRows {
  readonly sums = new ErrorSums();
  readonly pairs = new PairCells();
}

/**
 * How wrong the predictions of one window of event time are. The order of its rows does not matter, except for which model versions came first.
 * Windows of the same time in two partitions merge, and so do windows of parts of a time.
 */
export class ErrorWindow {
  readonly size: WindowSize;
  readonly start: number;
  revision = 0;
  predicted = 0;
  expired = 0;
  labelled = 0;
  /** See `SavedWindow`. */
  corrected = 0;
  older = 0;
  lastPredictedAt = 0;
  finalAt = 0;
  referenceMae = Number.NaN;
  /** 0 if that is not known. */
  referenceRows = 0;
  /** See `SavedIntervalSums.target`. */
  intervalTarget = Number.NaN;
  /** The model version of its latest label. */
  latestModel: string | undefined;
  readonly #rows = new LabelledRows();
  readonly #models = new Map<string, VersionRows>();
  /** The rows with the largest errors. */
  readonly worst = new WorstRows();
  /** Predictions by tenth. */
  readonly #predicted: number[] = [];

  /** @param start - ms since 1970. */
  constructor(size: WindowSize, start: number) {
    this.size = size;
    this.start = start;
  }

  static of(saved: SavedWindow): ErrorWindow {
    const window = new ErrorWindow(saved.size, saved.start);
    window.merge(saved);
    return window;
  }

  /** Predictions. @param tenth - of their y_pred. @param at - when the last of them came in, ms since 1970. */
  predict(tenth: number, at: number, count = 1): void {
    if (at > this.lastPredictedAt) this.lastPredictedAt = at;
    this.#count(tenth, count);
  }

  /** Takes back a prediction that was counted. */
  retract(tenth: number): void {
    this.#count(tenth, -1);
  }

  #count(tenth: number, count: number): void {
    this.predicted += count;
    this.#predicted[tenth] = (this.#predicted[tenth] ?? 0) + count;
  }

  /** Labels of predictions of one model version that were counted. @param pairs - of these rows. @param total - of these rows. */
  label(model: string, rows: LabelledRows, pairs: NewPairs, total: ErrorSums = rows.total()): void {
    this.labelled += total.labelled;
    this.latestModel = model;
    this.#rows.addAll(rows);
    const version = this.#versionAt(model);
    version.sums.addAll(total);
    if (this.#countsPairs(version)) pairs.addTo(version.pairs);
  }

  /**
   * A label that was counted was wrong.
   *
   * @param before - the row as it was counted. @param after - the same row with the right label. @param row - the same, as it is ranked.
   */
  correct(model: string, before: LabelledRow, after: LabelledRow, row: WorstRow): void {
    const { first } = row;
    this.worst.offer(row);
    this.corrected += Number(after.yTrue !== first) - Number(before.yTrue !== first);
    this.#rows.replace(before, after);
    const version = this.#versionAt(model);
    version.sums.remove(before);
    version.sums.add(after);
    if (!this.#countsPairs(version)) return;
    version.pairs.add(before.pair, -1);
    version.pairs.add(after.pair);
  }

  #versionAt(model: string): VersionRows {
    let version = this.#models.get(model);
    if (version === undefined && this.#models.size >= MAX_VERSIONS && model !== OTHER_VERSIONS) return this.#versionAt(OTHER_VERSIONS);
    if (version === undefined) this.#models.set(model, (version = new VersionRows()));
    return version;
  }

  /** Versions that are counted together may have any number of grids. */
  #countsPairs(version: VersionRows): boolean {
    return version !== this.#models.get(OTHER_VERSIONS);
  }

  save(): SavedWindow {
    return { ...this.saveWithoutRuns(), errors: this.#rows.errors.save() };
  }

  /** The runs of `errors` as bytes, for `signedRuns`: thousands of counts, which JSON would take long to write. Used again by the next call. */
  runBytes(): Buffer {
    return this.#rows.errors.runBytes();
  }

  /** What `save` returns, without the runs of `errors`. */
  saveWithoutRuns(): SavedWindow {
    const { size, start, revision, predicted, expired, lastPredictedAt, finalAt, labelled, corrected, older } = this;
    const { referenceMae, referenceRows } = this;
    const { errors, lags, least, greatest, smallest } = this.#rows;
    return {
      version: 4,
      size,
      start,
      revision,
      predicted,
      expired,
      lastPredictedAt,
      finalAt,
      labelled,
      corrected,
      older,
      extremes: labelled === 0 ? [NaN, NaN, NaN] : [least, greatest, smallest],
      errors: errors.saveRest(),
      lags: lags.save(),
      models: Array.from(this.#models, ([model, { sums, pairs }]) => ({
        model,
        labelled: sums.labelled,
        sums: sums.save(),
        pairs: pairs.save(),
      })),
      worst: this.worst.save(),
      worstMissing: this.worst.missing,
      tenths: this.#tenthNumbers().map((tenth) => {
        const sums = this.#rows.tenths[tenth];
        const rows = this.#predicted[tenth] ?? 0;
        return { tenth, predicted: rows, labelled: sums?.labelled ?? 0, sums: sums?.save() ?? [] };
      }),
      referenceMae,
      ...(referenceRows === 0 ? {} : { referenceRows }),
      intervals: this.#rows.intervals.save(this.intervalTarget),
    };
  }

  /** The tenths that have rows. */
  #tenthNumbers(): number[] {
    const most = Math.max(this.#predicted.length, this.#rows.tenths.length);
    return Array.from({ length: most }, (_, tenth) => tenth).filter(
      (tenth) => (this.#predicted[tenth] ?? 0) > 0 || (this.#rows.tenths[tenth]?.labelled ?? 0) > 0,
    );
  }

  /** Adds a saved window: of the same time in another partition, or of a part of the time of this one. An empty window becomes it, bit for bit. */
  merge(saved: SavedWindow): void {
    this.revision += saved.revision;
    this.predicted += saved.predicted;
    this.corrected += saved.corrected;
    this.older += saved.older;
    this.expired += saved.expired;
    this.lastPredictedAt = Math.max(this.lastPredictedAt, saved.lastPredictedAt);
    this.finalAt = Math.max(this.finalAt, saved.finalAt);
    if (!Number.isNaN(saved.referenceMae)) this.refer(saved);
    for (const { tenth, predicted } of saved.tenths) this.#predicted[tenth] = (this.#predicted[tenth] ?? 0) + predicted;
    this.worst.merge(saved.worst, saved.worstMissing);
    if (saved.labelled > 0) this.#mergeLabelled(saved);
  }

  /** Sets what its predictions are compared with. */
  refer({ referenceMae, referenceRows = 0 }: WindowReference): void {
    this.referenceMae = referenceMae;
    this.referenceRows = referenceRows;
  }

  #mergeLabelled({ labelled, tenths, extremes, errors, lags, models, intervals }: SavedWindow): void {
    this.labelled += labelled;
    this.#rows.intervals.merge(intervals);
    if (!Number.isNaN(intervals.target)) this.intervalTarget = intervals.target;
    for (const { tenth, labelled: rows, sums } of tenths) if (rows > 0) this.#rows.tenthAt(tenth).merge(rows, sums);
    this.#rows.errors.merge(errors);
    this.#rows.lags.merge(lags);
    this.#rows.reach(...extremes);
    for (const { model, labelled: rows, sums, pairs } of models) {
      const version = this.#versionAt(model);
      version.sums.merge(rows, sums);
      if (this.#countsPairs(version)) version.pairs.merge(pairs);
    }
  }

  /** Adds the sums of another window's model versions, and nothing else of it. */
  addVersions(other: ErrorWindow): void {
    for (const [model, { sums }] of other.#models) this.#versionAt(model).sums.addAll(sums);
  }

  /** Adds the labelled rows of another window, but not their versions. */
  addRows(other: ErrorWindow): void {
    if (other.labelled === 0) return;
    this.labelled += other.labelled;
    this.#rows.addAll(other.#rows);
    if (!Number.isNaN(other.intervalTarget)) this.intervalTarget = other.intervalTarget;
  }

  /** What is known of the errors: quantiles of |e| to within a hundredth of them, all else exact. */
  errors(): Errors {
    const rows = this.#rows;
    const quantile = rows.quantiles(this.labelled);
    return { ...rows.total().moments(), largest: this.labelled === 0 ? Number.NaN : rows.largest, quantile };
  }

  /** Whether a labelled row had an interval. */
  get hasIntervals(): boolean {
    return this.#rows.intervals.rows > 0;
  }

  /** How good the intervals were that were announced with the predictions. */
  intervals(): IntervalFigures {
    return this.#rows.intervals.figures(this.intervalTarget);
  }

  /** The labelled rows by model version, in the order in which the versions came first. */
  models(): { readonly model: string; readonly moments: Moments }[] {
    return Array.from(this.#models, ([model, { sums }]) => ({ model, moments: sums.moments() }));
  }

  /** The pairs of y_pred and y_true by model version, in the same order. */
  pairs(): { readonly model: string; readonly pairs: readonly SavedPairs[] }[] {
    return Array.from(this.#models, ([model, { pairs }]) => ({ model, pairs: pairs.save() }));
  }

  /** The tenths that have rows, ascending; `NO_TENTH` at the end. */
  tenths(): TenthOfWindow[] {
    return this.#tenthNumbers().map((tenth) => ({
      tenth,
      predicted: this.#predicted[tenth] ?? 0,
      moments: (this.#rows.tenths[tenth] ?? new ErrorSums()).moments(),
    }));
  }

  /** Bins of |e| and of e, ascending, by the same edges; none of no pairs. See `gridOf` and `SignedCells.bins`. */
  bins(): { readonly absolute: readonly Bin[]; readonly signed: readonly Bin[] } {
    const count = this.labelled;
    if (count === 0) return { absolute: [], signed: [] };
    const rows = this.#rows;
    const cells = rows.errors.absolute();
    const valuesAt = (ranks: readonly number[]) => cells.valuesAt(ranks).map((value) => rows.within(value));
    const quantile = rows.quantiles(count);
    const grid = gridOf({ count, min: rows.smallest, cells, valuesAt, quantiles: (shares) => shares.map(quantile) });
    return { absolute: binsOf(cells.cells(), grid, count), signed: rows.errors.bins(grid) };
  }

  /** Quantiles of e, to within a hundredth; NaN of no pairs. @param shares - 0 to 1. */
  signedQuantiles(shares: readonly number[]): number[] {
    return this.#rows.signedQuantiles(shares, this.labelled);
  }

  /** How long labels took. @param q - 0 to 1. @returns ms; NaN of no labels. */
  lag(q: number): number {
    return this.#rows.lags.quantile(q);
  }

  /** What that quantile is at least: it is known to within a factor of two. @param q - 0 to 1. @returns ms; NaN of no labels. */
  lagAtLeast(q: number): number {
    return this.#rows.lags.atLeast(q);
  }
}
