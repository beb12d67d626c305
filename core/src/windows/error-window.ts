import { binsOf, gridOf, type Bin } from "../statistics/bin-cells.js";
import type { DecimalCells } from "../statistics/decimal-cells.js";
import type { Errors } from "../statistics/metrics/metric.js";
import { SignedCells, type SignedValue } from "../statistics/signed-cells.js";
import { CompensatedSums } from "./compensated-sums.js";
import { LabelLags } from "./label-lags.js";
import type { LabelledRow } from "./labelled-row.js";
import { addTo, countIn, findLost, newSums, replaceIn, type PartSums } from "./part-sums.js";
import { ABSOLUTE, E, SQUARED, SUMS, TRUE, TRUE_SQUARED, type SavedWindow } from "./saved-window.js";
import type { WindowSize } from "./window-size.js";

/** Model versions with sums of their own; rows of later ones are counted under this name. */
const MAX_VERSIONS = 20;
export const OTHER_VERSIONS = "(other)";

const SUM_INDICES = [E, ABSOLUTE, SQUARED, TRUE, TRUE_SQUARED] as const;
/** The largest relative error of a rounded double. */
const ROUNDING = 2 ** -53;
/** Sums are known to this share of what they would be if all errors were as small as the smallest tenth. */
const LEAST_SHARP = 1e-7;
/** The share of Σ(y − first)² below which Σ(y − mean)² has lost its digits. */
const LEAST_SPREAD = 2 ** -36;

/**
 * How wrong the predictions of one window of event time are. Takes its rows one at a time, in the order of the log: the same rows in the
 * same order give the same bits. Those of the same time in two partitions merge.
 */
export class ErrorWindow {
  readonly size: WindowSize;
  readonly start: number;
  revision = 0;
  predicted = 0;
  expired = 0;
  labelled = 0;
  lastPredictedAt = 0;
  finalAt = 0;
  referenceMae = Number.NaN;
  /** The model version of its latest label. */
  latestModel: string | undefined;
  readonly #sums = new CompensatedSums(SUMS);
  #firstTrue = 0;
  #least = Infinity;
  #greatest = -Infinity;
  #smallest = Infinity;
  readonly #errors = new SignedCells();
  readonly #lags = new LabelLags();
  readonly #models = new Map<string, PartSums>();
  #lastModel: string | undefined;
  #lastSums = newSums();
  readonly #tenths: (PartSums | undefined)[] = [];

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

  /** A prediction whose label has not come. @param at - when it came in, ms since 1970. @param tenth - of its y_pred. */
  predict(tenth: number, at: number): void {
    this.predicted += 1;
    if (at > this.lastPredictedAt) this.lastPredictedAt = at;
    this.#tenthAt(tenth).predicted += 1;
  }

  /** Takes back a prediction that was counted. */
  retract(tenth: number): void {
    this.predicted -= 1;
    this.#tenthAt(tenth).predicted -= 1;
  }

  /** A label of a prediction that was counted. */
  label(row: LabelledRow): void {
    const { yTrue, error, squared } = row;
    const { value, absolute } = error;
    if (this.labelled === 0) this.#firstTrue = yTrue;
    const truth = yTrue - this.#firstTrue;
    this.labelled += 1;
    this.#sums.add(E, value);
    this.#sums.add(ABSOLUTE, absolute);
    this.#sums.add(SQUARED, squared);
    this.#sums.add(TRUE, truth);
    this.#sums.add(TRUE_SQUARED, truth * truth);
    if (value < this.#least) this.#least = value;
    if (value > this.#greatest) this.#greatest = value;
    if (absolute < this.#smallest) this.#smallest = absolute;
    this.#errors.add(error);
    this.#lags.add(row.lagBin);
    this.latestModel = row.model;
    countIn(this.#versionAt(row.model), absolute, squared);
    countIn(this.#tenthAt(row.tenth), absolute, squared);
  }

  /**
   * A label that was counted was wrong.
   *
   * The sums of the window keep all digits beside one label, however wrong it is; beside several that are vastly wrong they may not, and are NaN
   * for good then. Those of a version or a tenth that lost theirs beside a term far beyond the
   * others follow from the window's; they are NaN while several lack them. An extreme that goes with it is replaced by one to within a hundredth, of the outermost cell. A sum beyond the largest
   * double stays so.
   *
   * @param before - the row as it was counted. @param after - the same row with the right label.
   */
  correct(before: LabelledRow, after: LabelledRow): void {
    const lostBefore = SUM_INDICES.map((index) => this.#sums.lost(index));
    this.#addToSums(before, -1);
    this.#addToSums(after, 1);
    this.#errors.remove(before.error);
    this.#errors.add(after.error);
    this.#dropBlurredSums(lostBefore);
    this.#replaceExtremes(before.error, after.error);
    replaceIn(this.#versionAt(before.model), before, after);
    replaceIn(this.#tenthAt(before.tenth), before, after);
    const whole = { absolute: this.#sumOf(ABSOLUTE), squared: this.#sumOf(SQUARED) };
    findLost([...this.#models.values()], whole);
    findLost(
      this.#tenths.filter((sums) => sums !== undefined),
      whole,
    );
  }

  /**
   * What a sum has lost by rounding is a double of its own. Several terms far beyond the others make it so large that it loses digits of
   * what the others add up to: then no correction brings those back.
   */
  #dropBlurredSums(lostBefore: readonly number[]): void {
    const decade = this.#errors.lowDecade();
    if (decade === undefined) return;
    const small = 10 ** decade;
    const isBlurred = (index: number, term: number) => {
      const lost = Math.max(Math.abs(lostBefore[index] ?? 0), Math.abs(this.#sums.lost(index)));
      return lost * ROUNDING > LEAST_SHARP * this.labelled * term;
    };
    if (isBlurred(E, small) || isBlurred(ABSOLUTE, small)) for (const index of [E, ABSOLUTE, TRUE]) this.#sums.drop(index);
    if (isBlurred(SQUARED, small * small)) for (const index of [SQUARED, TRUE_SQUARED]) this.#sums.drop(index);
  }

  #addToSums({ yTrue, error, squared }: LabelledRow, sign: 1 | -1): void {
    const truth = yTrue - this.#firstTrue;
    this.#sums.add(E, sign * error.value);
    this.#sums.add(ABSOLUTE, sign * error.absolute);
    this.#sums.add(SQUARED, sign * squared);
    this.#sums.add(TRUE, sign * truth);
    this.#sums.add(TRUE_SQUARED, sign * truth * truth);
  }

  /** A sum of terms that are not negative: what was taken out may leave a rounding error below zero. */
  #sumOf(index: number): number {
    return Math.max(0, this.#sums.at(index));
  }

  /** An extreme may itself be known to its cell only, so that it goes with any value of that cell. */
  #replaceExtremes(before: SignedValue, after: SignedValue): void {
    const { value, absolute } = after;
    if (value <= this.#least) this.#least = value;
    else if (before.isAlike(this.#least)) this.#least = this.#errors.least(after);
    if (value >= this.#greatest) this.#greatest = value;
    else if (before.isAlike(this.#greatest)) this.#greatest = this.#errors.greatest(after);
    if (absolute <= this.#smallest) this.#smallest = absolute;
    else if (before.isAlike(this.#smallest) || before.isAlike(-this.#smallest)) this.#smallest = this.#errors.smallest(after);
  }

  #versionAt(model: string): PartSums {
    if (model === this.#lastModel) return this.#lastSums;
    let sums = this.#models.get(model);
    if (sums === undefined && this.#models.size >= MAX_VERSIONS && model !== OTHER_VERSIONS) return this.#versionAt(OTHER_VERSIONS);
    if (sums === undefined) this.#models.set(model, (sums = newSums()));
    this.#lastModel = model;
    this.#lastSums = sums;
    return sums;
  }

  #tenthAt(tenth: number): PartSums {
    return (this.#tenths[tenth] ??= newSums());
  }

  save(): SavedWindow {
    return { ...this.saveWithoutRuns(), errors: this.#errors.save() };
  }

  /** The runs of `errors` as bytes, for `signedRuns`: thousands of counts, which JSON would take long to write. Used again by the next call. */
  runBytes(): Buffer {
    return this.#errors.runBytes();
  }

  /** What `save` returns, without the runs of `errors`. */
  saveWithoutRuns(): SavedWindow {
    const { size, start, revision, predicted, expired, lastPredictedAt, finalAt, labelled, referenceMae } = this;
    const none = labelled === 0;
    return {
      version: 1,
      size,
      start,
      revision,
      predicted,
      expired,
      lastPredictedAt,
      finalAt,
      labelled,
      sums: this.#sums.save(),
      firstTrue: this.#firstTrue,
      extremes: none ? [NaN, NaN, NaN] : [this.#least, this.#greatest, this.#smallest],
      errors: this.#errors.saveRest(),
      lags: this.#lags.save(),
      models: Array.from(this.#models, ([model, { labelled: n, absolute, squared }]) => ({ model, labelled: n, absolute, squared })),
      tenths: this.#tenths.flatMap((sums, tenth) => (sums === undefined ? [] : [{ tenth, ...sums }])),
      referenceMae,
    };
  }

  /** Adds a saved window: of the same time in another partition, or of a part of the time of this one. An empty window becomes it, bit for bit. */
  merge(saved: SavedWindow): void {
    this.revision += saved.revision;
    this.predicted += saved.predicted;
    this.expired += saved.expired;
    this.lastPredictedAt = Math.max(this.lastPredictedAt, saved.lastPredictedAt);
    this.finalAt = Math.max(this.finalAt, saved.finalAt);
    if (!Number.isNaN(saved.referenceMae)) this.referenceMae = saved.referenceMae;
    for (const { tenth, predicted, ...sums } of saved.tenths) {
      this.#tenthAt(tenth).predicted += predicted;
      addTo(this.#tenthAt(tenth), sums);
    }
    if (saved.labelled > 0) this.#mergeLabelled(saved);
  }

  #mergeLabelled(saved: SavedWindow): void {
    if (this.labelled === 0) this.#firstTrue = saved.firstTrue;
    const shift = saved.firstTrue - this.#firstTrue;
    this.#sums.merge(saved.sums);
    if (shift !== 0) {
      const truth = saved.sums[TRUE] ?? [0, 0];
      this.#sums.add(TRUE, saved.labelled * shift);
      this.#sums.add(TRUE_SQUARED, 2 * shift * (truth[0] + truth[1]) + saved.labelled * shift * shift);
    }
    this.labelled += saved.labelled;
    const [least, greatest, smallest] = saved.extremes;
    this.#least = Math.min(this.#least, least);
    this.#greatest = Math.max(this.#greatest, greatest);
    this.#smallest = Math.min(this.#smallest, smallest);
    this.#errors.merge(saved.errors);
    this.#lags.merge(saved.lags);
    for (const { model, ...sums } of saved.models) addTo(this.#versionAt(model), sums);
  }

  /**
   * What is known of the errors: quantiles of |e| to within a hundredth of them, all else exact. The spread is NaN if the first label was
   * far beyond the others and was corrected: their digits went with it.
   */
  errors(): Errors {
    const { labelled } = this;
    const [truth, truthSquared] = [this.#sums.at(TRUE), this.#sums.at(TRUE_SQUARED)];
    const spread = truthSquared - (truth * truth) / labelled;
    const isLost = truthSquared > 0 && spread < LEAST_SPREAD * truthSquared;
    return {
      count: labelled,
      absolute: this.#sumOf(ABSOLUTE),
      squared: this.#sumOf(SQUARED),
      signed: this.#sums.at(E),
      meanTrue: this.#firstTrue + truth / labelled,
      spreadTrue: isLost ? Number.NaN : Math.max(0, spread),
      largest: this.#largest,
      quantile: this.#quantiles(),
    };
  }

  get #largest(): number {
    return this.labelled === 0 ? Number.NaN : Math.max(-this.#least, this.#greatest);
  }

  #quantiles(): Errors["quantile"] {
    const { labelled } = this;
    const largest = this.#largest;
    let cells: DecimalCells | undefined;
    return (q) => {
      if (labelled === 0) return Number.NaN;
      cells ??= this.#errors.absolute();
      const position = q * (labelled - 1);
      const [lower = NaN, upper = NaN] = cells.valuesAt([Math.floor(position), Math.ceil(position)]);
      const value = lower === upper ? lower : lower + (upper - lower) * (position % 1);
      return Math.min(Math.max(value, this.#smallest), largest);
    };
  }

  /** Bins of |e| and of e, ascending, by the same edges; none of no pairs. See `gridOf` and `SignedCells.bins`. */
  bins(): { readonly absolute: readonly Bin[]; readonly signed: readonly Bin[] } {
    const count = this.labelled;
    if (count === 0) return { absolute: [], signed: [] };
    const largest = this.#largest;
    const cells = this.#errors.absolute();
    const valuesAt = (ranks: readonly number[]) => cells.valuesAt(ranks).map((value) => Math.min(Math.max(value, this.#smallest), largest));
    const quantile = this.#quantiles();
    const grid = gridOf({ count, min: this.#smallest, cells, valuesAt, quantiles: (shares) => shares.map(quantile) });
    return { absolute: binsOf(cells.cells(), grid, count), signed: this.#errors.bins(grid) };
  }

  /** How long labels took. @param q - 0 to 1. @returns ms; NaN of no labels. */
  lag(q: number): number {
    return this.#lags.quantile(q);
  }
}
