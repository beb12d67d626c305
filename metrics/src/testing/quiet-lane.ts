import type { LaneFigures, WindowFigures } from "../alerting/lane-figures.js";

/** Figures of a lane that a test sets; what it does not set is quiet. */
export function laneFigures(more: Partial<Omit<LaneFigures, "over">> & { readonly window?: Partial<WindowFigures> } = {}): LaneFigures {
  const { window, ...rest } = more;
  const figures: WindowFigures | undefined =
    window === undefined
      ? undefined
      : {
          predicted: 0,
          labelled: 0,
          ofModel: { labelled: 0, mae: Number.NaN, rmse: Number.NaN },
          bias: Number.NaN,
          p95: Number.NaN,
          intervals: { rows: 0, coverage: Number.NaN },
          lagP95Ms: Number.NaN,
          lagP95AtLeastMs: Number.NaN,
          ...window,
        };
  return {
    partitions: { of: 1, missing: [] },
    elsewhere: undefined,
    received: { y_true: 0, y_pred: 0 },
    deadLetters: 0,
    model: "m@1",
    unit: "mg/dl",
    logLength: 0,
    alarms: () => [],
    over: () => figures,
    drift: () => undefined,
    ...rest,
  };
}

/** A window of a hundred rows with this MAE. */
export function maeOf(mae: number): { readonly window: Partial<WindowFigures> } {
  return { window: { predicted: 100, labelled: 100, ofModel: { labelled: 100, mae, rmse: mae } } };
}
