import type { WindowSummary } from "@streamgauge/core/windows";
import { element, fillTable } from "../dom.js";
import { count, figure } from "../format.js";
import { Drawing } from "./drawing.js";
import { figuresTable } from "./figures-table.js";
import { panelFrame, type Medium, type Panel, type PanelHead, type PanelMaker, type View } from "./panel.js";
import { drawnPoints, type Point, type PointsOptions } from "./points.js";
import { NO_TENTHS } from "./tenths-panel.js";

type Summary = WindowSummary | null | undefined;

/** What a panel of points shows of the range. */
interface PointsPanel {
  readonly head: PanelHead;
  /** Shown in place of the points, if there are none. */
  readonly none: string;
  readonly columns: readonly string[];
  readonly options: (summary: WindowSummary) => PointsOptions;
  readonly points: (summary: WindowSummary) => readonly Point[];
  readonly rows: (summary: WindowSummary) => readonly (readonly string[])[];
}

/** A tenth whose labelled rows have a mean. */
interface KnownTenth {
  readonly name: string;
  readonly labelled: number;
  readonly predicted: number;
  readonly label: number;
  readonly residual: number;
  /** Standard deviation of its residuals. */
  readonly spread: number;
}

function knownTenths({ tenths }: WindowSummary): KnownTenth[] {
  return tenths.flatMap(({ tenth, labelled, mean_pred: predicted, mean_true: label, bias: residual, rmse }) => {
    if (predicted === null || label === null || residual === null) return [];
    const spread = rmse === null ? 0 : Math.sqrt(Math.max(0, rmse * rmse - residual * residual));
    return [{ name: String(tenth + 1), labelled, predicted, label, residual, spread }];
  });
}

const CALIBRATION: PointsPanel = {
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
    knownTenths(summary).map(({ name, predicted, label }) => ({
      x: predicted,
      y: label,
      title: `tenth ${name}: predicted ${figure(predicted)}, was ${figure(label)}`,
    })),
  rows: (summary) =>
    knownTenths(summary).map(({ name, labelled, predicted, label }) => [name, count(labelled), figure(predicted), figure(label)]),
};

const RESIDUALS: PointsPanel = {
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
    knownTenths(summary).map(({ name, predicted, residual, spread }) => ({
      x: predicted,
      y: residual,
      spread,
      title: `tenth ${name}: ${figure(residual)} ± ${figure(spread)}`,
    })),
  rows: (summary) =>
    knownTenths(summary).map(({ name, predicted, residual, spread }) => [name, figure(predicted), figure(residual), figure(spread)]),
};

/** The normal distribution that has the bias and the spread of the errors. */
function normalOf({ bias, rmse }: WindowSummary): { readonly at: number; readonly slope: number } {
  return { at: bias ?? 0, slope: Math.sqrt(Math.max(0, (rmse ?? 0) ** 2 - (bias ?? 0) ** 2)) };
}

const QUANTILES: PointsPanel = {
  head: { id: "quantiles", title: "Quantiles of the errors", says: "against those of the normal distribution (Q–Q)" },
  none: "There are none yet: they need labels.",
  columns: ["Share below", "Error", "If they were normal"],
  options: (summary) => ({
    label: "Quantiles of the errors against those of the normal distribution; the figures are in the table below.",
    xAxis: "standard deviations of the normal distribution",
    yAxis: "prediction − truth",
    line: { ...normalOf(summary), title: "the normal distribution with the same mean and spread" },
  }),
  points: ({ error_quantiles: quantiles }) =>
    quantiles.flatMap(({ share, normal, error }) =>
      error === null ? [] : [{ x: normal, y: error, title: `${figure(100 * share)} % are below ${figure(error)}` }],
    ),
  rows: (summary) => {
    const { at, slope } = normalOf(summary);
    return summary.error_quantiles.map(({ share, normal, error }) => [
      `${figure(100 * share)} %`,
      figure(error),
      figure(at + slope * normal),
    ]);
  },
};

/** Where predictions are too large or too small, and how the errors are spread. */
export const calibrationPanels: PanelMaker = (medium) => [CALIBRATION, RESIDUALS, QUANTILES].map((panel) => pointsPanel(panel, medium));

function pointsPanel({ head, none, columns, options, points, rows }: PointsPanel, medium: Medium): Panel {
  const note = element("p", { className: "note", textContent: none });
  const place = element("div", { id: head.id, className: "drawing" });
  const table = figuresTable({ id: `${head.id}-rows`, caption: head.title, columns }, medium);
  const drawing = new Drawing(place);
  let shown: Summary;
  return {
    element: panelFrame(head, [note, place, table.element]),
    show: ({ summary }: View) => {
      if (summary === shown && shown !== undefined) return;
      shown = summary;
      const all = summary === null || summary === undefined ? [] : points(summary);
      if (summary !== null && summary !== undefined) drawing.show(drawnPoints(all, options(summary)));
      note.hidden = all.length > 0;
      place.hidden = all.length === 0;
      table.element.hidden = all.length === 0;
      fillTable(table.body, all.length === 0 || summary === null || summary === undefined ? [] : rows(summary));
    },
  };
}
