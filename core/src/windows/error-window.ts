import { SignedCells, SignedValue } from "../statistics/signed-cells.js";
import { CompensatedSums } from "./compensated-sums.js";
import { lagBin, LabelLags } from "./label-lags.js";
import type { SavedWindow } from "./saved-window.js";
import type { WindowSize } from "./window-size.js";

/** In the place of a tenth: the prediction came before there was a reference. */
export const NO_TENTH = 10;
/** Model versions with sums of their own; rows of later ones are counted under this name. */
const MAX_VERSIONS = 20;
export const OTHER_VERSIONS = "(other)";

const [E, ABSOLUTE, SQUARED, TRUE, TRUE_SQUARED] = [0, 1, 2, 3, 4];

/** Sums of one model version, or of one tenth. */
interface Sums {
  predicted: number;
  labelled: number;
  absolute: number;
  squared: number;
}

const newSums = (): Sums => ({ predicted: 0, labelled: 0, absolute: 0, squared: 0 });

/** A labelled row, with what all the windows that hold it need to know of it. Made once and set again for each of millions of rows. */
export class LabelledRow {
  yTrue = 0;
  /** e = y_pred − y_true. */
  readonly error = new SignedValue();
  squared = 0;
  lagBin = 0;
  model = "";
  tenth = NO_TENTH;

  /** @param lagMs - how long the label took from the row's event time. */
  set(yTrue: number, yPred: number, lagMs: number, model: string, tenth: number): this {
    const error = yPred - yTrue;
    this.yTrue = yTrue;
    this.error.set(error);
    this.squared = error * error;
    this.lagBin = lagBin(lagMs);
    this.model = model;
    this.tenth = tenth;
    return this;
  }
}

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
  readonly #sums = new CompensatedSums(5);
  #firstTrue = 0;
  #least = Infinity;
  #greatest = -Infinity;
  #smallest = Infinity;
  readonly #errors = new SignedCells();
  readonly #lags = new LabelLags();
  readonly #models = new Map<string, Sums>();
  #lastModel: string | undefined;
  #lastSums = newSums();
  readonly #tenths: (Sums | undefined)[] = [];

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
    count(this.#versionAt(row.model), absolute, squared);
    count(this.#tenthAt(row.tenth), absolute, squared);
  }

  #versionAt(model: string): Sums {
    if (model === this.#lastModel) return this.#lastSums;
    let sums = this.#models.get(model);
    if (sums === undefined && this.#models.size >= MAX_VERSIONS && model !== OTHER_VERSIONS) return this.#versionAt(OTHER_VERSIONS);
    if (sums === undefined) this.#models.set(model, (sums = newSums()));
    this.#lastModel = model;
    this.#lastSums = sums;
    return sums;
  }

  #tenthAt(tenth: number): Sums {
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
    const [error, absolute, squared, truth = [0, 0], truthSquared = [0, 0]] = saved.sums;
    const shift = saved.firstTrue - this.#firstTrue;
    this.#sums.merge([error ?? [0, 0], absolute ?? [0, 0], squared ?? [0, 0], truth, truthSquared]);
    if (shift !== 0) {
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

  /** Σe, Σ|e|, Σe² of e = y_pred − y_true; the mean of y_true and Σ(y_true − mean)². */
  moments() {
    const { labelled } = this;
    const truth = this.#sums.at(TRUE);
    return {
      count: labelled,
      absolute: this.#sums.at(ABSOLUTE),
      squared: this.#sums.at(SQUARED),
      signed: this.#sums.at(E),
      meanTrue: this.#firstTrue + truth / labelled,
      spreadTrue: Math.max(0, this.#sums.at(TRUE_SQUARED) - (truth * truth) / labelled),
    };
  }

  /** The largest |e|; NaN of no pairs. */
  get largest(): number {
    return this.labelled === 0 ? Number.NaN : Math.max(-this.#least, this.#greatest);
  }

  /** @returns a function from a share of 0 to 1 to that quantile of |e|, to within a hundredth of it; NaN of no pairs. */
  quantiles(): (q: number) => number {
    const { labelled, largest } = this;
    const cells = this.#errors.absolute();
    return (q) => {
      if (labelled === 0) return Number.NaN;
      const position = q * (labelled - 1);
      const [lower = NaN, upper = NaN] = cells.valuesAt([Math.floor(position), Math.ceil(position)]);
      const value = lower === upper ? lower : lower + (upper - lower) * (position % 1);
      return Math.min(Math.max(value, this.#smallest), largest);
    };
  }

  /** How long labels took. @param q - 0 to 1. @returns ms; NaN of no labels. */
  lag(q: number): number {
    return this.#lags.quantile(q);
  }
}

function count(sums: Sums, absolute: number, squared: number): void {
  sums.labelled += 1;
  sums.absolute += absolute;
  sums.squared += squared;
}

function addTo(sums: Sums, { labelled, absolute, squared }: Omit<Sums, "predicted">): void {
  sums.labelled += labelled;
  sums.absolute += absolute;
  sums.squared += squared;
}
