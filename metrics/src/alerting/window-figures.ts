import { bias, mae, NO_MOMENTS, p95, rmse } from "@streamgauge/core";
import { ErrorWindow, type SavedWindow, type SummedWindows, type WindowSize } from "@streamgauge/core/windows";
import type { WindowFigures } from "./lane-figures.js";

/** Several windows of one size as one. */
export function merged(size: WindowSize, windows: Iterable<SavedWindow>): ErrorWindow {
  const whole = new ErrorWindow(size, 0);
  for (const window of windows) whole.merge(window);
  return whole;
}

/** The figures of one window or of several as one. @param model - the version that `ofModel` is about. */
export function figuresOf(whole: ErrorWindow | SummedWindows, model: string): WindowFigures {
  const { predicted, labelled } = whole;
  const models = whole.models().filter(({ moments }) => moments.count > 0);
  const { moments } = models.find((each) => each.model === model) ?? { moments: NO_MOMENTS };
  const isMixed = models.length > 1;
  return {
    predicted,
    labelled,
    ofModel: { labelled: moments.count, mae: mae.of(moments), rmse: rmse.of(moments) },
    // What takes longer than these is found when a rule asks for it.
    get bias() {
      return isMixed ? Number.NaN : bias.of(whole.errors());
    },
    get p95() {
      return isMixed ? Number.NaN : p95.of(whole.errors());
    },
    get intervals() {
      const { rows, coverage } = whole.intervals();
      return { rows, coverage };
    },
    get lagP95Ms() {
      return whole.lag(0.95);
    },
    get lagP95AtLeastMs() {
      return whole.lagAtLeast(0.95);
    },
  };
}
