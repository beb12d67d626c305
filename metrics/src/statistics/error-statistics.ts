import { bias, mae, mergeMoments, momentsOf, NO_MOMENTS, r2, rmse, type Moments } from "@streamgauge/core";
import { QuantileSketch } from "./quantile-sketch.js";

/** What is told of the errors, in the target's unit except `r2`. NaN where there are too few pairs. */
export interface ErrorSummary {
  readonly count: number;
  readonly mae: number;
  readonly rmse: number;
  readonly r2: number;
  readonly bias: number;
  /** Quantiles of the absolute error, within 0.2 %. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** Statistics as they are kept. */
export interface SavedStatistics {
  readonly moments: Moments;
  readonly cells: readonly number[];
}

/** Live statistics of the logged pairs, in bounded memory. */
export class ErrorStatistics {
  #moments: Moments = NO_MOMENTS;
  readonly #sketch = new QuantileSketch();

  /** @param yTrue - shape [n]. @param yPred - shape [n], of the same rows. */
  add(yTrue: Float64Array, yPred: Float64Array): void {
    this.#moments = mergeMoments(this.#moments, momentsOf(yTrue, yPred));
    const errors = new Float64Array(yTrue.length);
    for (let i = 0; i < errors.length; i += 1) errors[i] = Math.abs((yTrue[i] ?? 0) - (yPred[i] ?? 0));
    this.#sketch.add(errors);
  }

  get moments(): Moments {
    return this.#moments;
  }

  summary(): ErrorSummary {
    const moments = this.#moments;
    const [p50 = Number.NaN, p95 = Number.NaN, p99 = Number.NaN] = this.#sketch.quantiles([0.5, 0.95, 0.99]);
    return {
      count: moments.count,
      mae: mae(moments),
      rmse: rmse(moments),
      r2: r2(moments),
      bias: bias(moments),
      p50,
      p95,
      p99,
    };
  }

  save(): SavedStatistics {
    return { moments: this.#moments, cells: this.#sketch.save() };
  }

  restore({ moments, cells }: SavedStatistics): void {
    this.#moments = mergeMoments(this.#moments, moments);
    this.#sketch.restore(cells);
  }
}
