import Type from "typebox";
import type { Bin } from "./bin-cells.js";
import { ErrorHistogram, HistogramSchema, type SavedHistogram } from "./error-histogram.js";
import type { Errors } from "./metrics/metric.js";
import { metricValues, type MetricValues } from "./metrics/metric-table.js";
import { mergeMoments, MomentsSchema, momentsOf, NO_MOMENTS, type Moments } from "./moments.js";

/** Statistics as they are kept. */
export interface SavedStatistics {
  readonly moments: Moments;
  readonly histogram: SavedHistogram;
}

/** What saved statistics look like. */
export const StatisticsSchema = Type.Object({ moments: MomentsSchema, histogram: HistogramSchema } satisfies Record<
  keyof SavedStatistics,
  unknown
>);

/** How wrong the predictions of some pairs are: any number of pairs in bounded memory. Those of two sets of pairs merge into those of both. */
export class ErrorStatistics {
  #moments: Moments = NO_MOMENTS;
  readonly #histogram = new ErrorHistogram();

  /** @param yTrue - shape [n]. @param yPred - shape [n], of the same rows. */
  add(yTrue: Float64Array, yPred: Float64Array): void {
    this.#moments = mergeMoments(this.#moments, momentsOf(yTrue, yPred));
    const errors = new Float64Array(yTrue.length);
    for (let i = 0; i < errors.length; i += 1) errors[i] = Math.abs((yTrue[i] ?? 0) - (yPred[i] ?? 0));
    this.#histogram.add(errors);
  }

  /** Pairs. */
  get count(): number {
    return this.#moments.count;
  }

  /** The smallest absolute error; NaN of no pairs. */
  get smallest(): number {
    return this.#histogram.min;
  }

  /** Every metric, as of now. */
  values(): MetricValues {
    return metricValues(this.#errors());
  }

  #errors(): Errors {
    const histogram = this.#histogram;
    return { ...this.#moments, largest: histogram.max, quantile: (q) => histogram.quantile(q) };
  }

  /** See `ErrorHistogram.bins`. */
  bins(): Bin[] {
    return this.#histogram.bins();
  }

  save(): SavedStatistics {
    return { moments: this.#moments, histogram: this.#histogram.save() };
  }

  /** Adds what `save` returned. */
  merge({ moments, histogram }: SavedStatistics): void {
    this.#moments = mergeMoments(this.#moments, moments);
    this.#histogram.merge(histogram);
  }
}
