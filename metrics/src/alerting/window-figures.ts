import { mae, metricValues, NO_MOMENTS, rmse } from "@streamgauge/core";
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
  const models = whole.models().filter(({ moments }) => moments.count > 0);
  const { moments } = models.find((each) => each.model === model) ?? { moments: NO_MOMENTS };
  const { bias, p95 } = metricValues(whole.errors());
  const { rows, coverage } = whole.intervals();
  const isMixed = models.length > 1;
  return {
    predicted,
    labelled,
    ofModel: { labelled: moments.count, mae: mae.of(moments), rmse: rmse.of(moments) },
    bias: isMixed ? Number.NaN : bias,
    p95: isMixed ? Number.NaN : p95,
    intervals: { rows, coverage },
    lagP95Ms: whole.lag(0.95),
  };
}
