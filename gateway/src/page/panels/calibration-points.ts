import type { WindowSummary } from "@streamgauge/core/windows";
import { count, figure, figureOrOverflow } from "../format.js";
import type { PanelHead } from "./panel.js";
import type { Point, PointsOptions, Straight } from "./points.js";
import { NO_TENTHS } from "./tenth-texts.js";

/** What a panel of points shows of the range. */
export interface PointsPanel {
  readonly head: PanelHead;
  /** Shown in place of the points, if there are none. */
  readonly none: string;
  readonly columns: readonly string[];
  readonly options: (summary: WindowSummary) => PointsOptions;
  readonly points: (summary: WindowSummary) => readonly Point[];
  readonly rows: (summary: WindowSummary) => readonly (readonly string[])[];
}

/** A tenth with labels; a figure is null if it is beyond the largest number. */
interface LabelledTenth {
  readonly name: string;
  readonly labelled: number;
  readonly predicted: number | null;
  readonly label: number | null;
  readonly residual: number | null;
  /** Standard deviation of its residuals. */
  readonly spread: number | null;
}

function labelledTenths({ tenths }: WindowSummary): LabelledTenth[] {
  return tenths
    .filter(({ labelled }) => labelled > 0)
    .map(({ tenth, labelled, mean_pred: predicted, mean_true: label, bias: residual, rmse }) => ({
      name: String(tenth + 1),
      labelled,
      predicted,
      label,
      residual,
      spread: deviationOf({ bias: residual, rmse }),
    }));
}

/** The standard deviation of errors; null if it, or the sum that it is made of, is beyond the largest number. */
function deviationOf({ bias, rmse }: Pick<WindowSummary, "bias" | "rmse">): number | null {
  if (bias === null || rmse === null) return null;
  // Factor by factor: the square of a root may be beyond the largest number.
  return Math.sqrt(Math.max(0, rmse - Math.abs(bias))) * Math.sqrt(rmse + Math.abs(bias));
}

/** Whether predictions are right on average at every size. */
export const CALIBRATION: PointsPanel = {
  head: { id: "calibration", title: "Calibration by tenth", says: "mean label over mean prediction" },
  none: NO_TENTHS,
  columns: ["Tenth", "Labelled", "Mean prediction", "Mean label"],
  options: () => ({
    label: "Mean label over mean prediction of each tenth; its figures are in the table below.",
    xAxis: "mean prediction",
    yAxis: "mean label",
    line: { at: 0, slope: 1, title: "as predicted" },
  }),
  points: (summary) =>
    labelledTenths(summary).flatMap(({ name, predicted, label }) =>
      predicted === null || label === null
        ? []
        : [{ x: predicted, y: label, title: `tenth ${name}: predicted ${figure(predicted)}, was ${figure(label)}` }],
    ),
  rows: (summary) =>
    labelledTenths(summary).map(({ name, labelled, predicted, label }) => [
      name,
      count(labelled),
      figureOrOverflow(predicted),
      figureOrOverflow(label),
    ]),
};

/** Whether errors depend on the size of the prediction. */
export const RESIDUALS: PointsPanel = {
  head: { id: "residuals", title: "Residuals over the prediction", says: "mean of prediction − truth, ± one standard deviation" },
  none: NO_TENTHS,
  columns: ["Tenth", "Mean prediction", "Mean residual", "Standard deviation"],
  options: () => ({
    label: "Mean residual over mean prediction of each tenth; its figures are in the table below.",
    xAxis: "mean prediction",
    yAxis: "prediction − truth",
    line: { at: 0, slope: 0, title: "no bias" },
  }),
  points: (summary) =>
    labelledTenths(summary).flatMap(({ name, predicted, residual, spread }) =>
      predicted === null || residual === null
        ? []
        : [
            {
              x: predicted,
              y: residual,
              ...(spread === null ? {} : { spread }),
              title: `tenth ${name}: ${figure(residual)} ± ${figureOrOverflow(spread)}`,
            },
          ],
    ),
  rows: (summary) =>
    labelledTenths(summary).map(({ name, predicted, residual, spread }) => [
      name,
      figureOrOverflow(predicted),
      figureOrOverflow(residual),
      figureOrOverflow(spread),
    ]),
};

/** The normal distribution that has the bias and the spread of the errors; undefined if that is beyond the largest number. */
function normalOf(summary: WindowSummary): Straight | undefined {
  const slope = deviationOf(summary);
  if (slope === null || summary.bias === null) return undefined;
  return { at: summary.bias, slope, title: "the normal distribution with the same mean and spread" };
}

/** How far the errors are from normal ones. */
export const QUANTILES: PointsPanel = {
  head: { id: "quantiles", title: "Quantiles of the errors", says: "against those of the normal distribution (Q–Q)" },
  none: "There are none yet: they need labels.",
  columns: ["Share below", "Error", "If they were normal"],
  options: (summary) => ({
    label: "Quantiles of the errors against those of the normal distribution; the figures are in the table below.",
    xAxis: "standard deviations of the normal distribution",
    yAxis: "prediction − truth",
    line: normalOf(summary),
  }),
  points: ({ error_quantiles: quantiles }) =>
    quantiles.flatMap(({ share, normal, error }) =>
      error === null ? [] : [{ x: normal, y: error, title: `${figure(100 * share)} % are below ${figure(error)}` }],
    ),
  rows: (summary) => {
    const line = normalOf(summary);
    return summary.error_quantiles.map(({ share, normal, error }) => [
      `${figure(100 * share)} %`,
      figureOrOverflow(error),
      figureOrOverflow(line === undefined ? null : line.at + line.slope * normal),
    ]);
  },
};
