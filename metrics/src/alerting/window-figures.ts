import { metricValues } from "@streamgauge/core";
import { ErrorWindow, type SavedWindow, type WindowSize } from "@streamgauge/core/windows";
import type { WindowFigures } from "./lane-figures.js";

/** Several windows of one size as one. */
export function merged(size: WindowSize, windows: Iterable<SavedWindow>): ErrorWindow {
  const whole = new ErrorWindow(size, 0);
  for (const window of windows) whole.merge(window);
  return whole;
}

/** The figures of a window. @param model - the version that `ofModel` is about. */
export function figuresOf(whole: ErrorWindow, model: string): WindowFigures {
  const { predicted, labelled } = whole;
  const models = whole.save().models.filter((each) => each.labelled > 0);
  const of = models.find((each) => each.model === model) ?? { labelled: 0, absolute: Number.NaN, squared: Number.NaN };
  const { bias, p95 } = metricValues({ ...whole.moments(), largest: whole.largest, quantile: whole.quantiles() });
  const isMixed = models.length > 1;
  return {
    predicted,
    labelled,
    ofModel: { labelled: of.labelled, mae: of.absolute / of.labelled, rmse: Math.sqrt(of.squared / of.labelled) },
    bias: isMixed ? Number.NaN : bias,
    p95: isMixed ? Number.NaN : p95,
    lagP95Ms: whole.lag(0.95),
  };
}
