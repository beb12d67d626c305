import { SignedValue } from "../statistics/signed-cells.js";
import { lagBin } from "./label-lags.js";

/** In the place of a tenth: the prediction came before there was a reference. */
export const NO_TENTH = 10;

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
