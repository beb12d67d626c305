import { mae, metricValues, rmse } from "@streamgauge/core";
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
  const { labelled: count, ...sums } = models.find((each) => each.model === model) ?? { labelled: 0, absolute: 0, squared: 0 };
  const { bias, p95 } = metricValues(whole.errors());
  const isMixed = models.length > 1;
  return {
    predicted,
    labelled,
    ofModel: { labelled: count, mae: mae.of({ ...sums, count }), rmse: rmse.of({ ...sums, count }) },
    bias: isMixed ? Number.NaN : bias,
    p95: isMixed ? Number.NaN : p95,
    lagP95Ms: whole.lag(0.95),
  };
}
