import type { Moments } from "../moments.js";

/** What is known of the errors of some pairs: all that a metric may follow from. */
export interface Errors extends Moments {
  /** @param q - 0 to 1. @returns the quantile of |y_true − y_pred|, in the target's unit; NaN of no pairs. */
  quantile(q: number): number;
  /** The largest |y_true − y_pred|, in the target's unit; NaN of no pairs. */
  readonly largest: number;
}

/** One figure that says how wrong predictions are. */
export interface Metric<Name extends string = string> {
  /** As it is called in JSON and in Prometheus. */
  readonly name: Name;
  /** As people read it. */
  readonly title: string;
  /** `target`: the unit of the target. `none`: a plain number. */
  readonly unit: "target" | "none";
  /** One sentence for people and for the documents that are generated. */
  readonly description: string;
  /** How it is computed of e = y_pred − y_true of n pairs. */
  readonly formula: string;
  /** How many pairs it needs; of fewer it is NaN. */
  readonly least: number;
  /** Whether it is among the few that one line of text shows. */
  readonly isHeadline: boolean;
  /** @returns the figure; NaN of fewer pairs than `least`, ±Infinity or NaN if errors or sums of them are beyond the largest double. */
  readonly of: (errors: Errors) => number;
}
