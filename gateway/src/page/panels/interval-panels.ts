import type { WindowJson } from "@streamgauge/core/windows";
import { figure, percent } from "../format.js";
import { chartPlace, panelFrame, type Panel, type PanelHead, type PanelMaker } from "./panel.js";
import { seriesOf } from "./series.js";
import { describeChart, TimeChart, type ChartOptions } from "./time-chart.js";

const height = 180;

/** How good the intervals were that were announced with the predictions, over time: hidden while there are none. */
export const intervalPanels: PanelMaker = () => [
  intervalPanel(
    { id: "interval-coverage", title: "Interval coverage", says: "share of the labels that are in the announced interval" },
    (target) => ({
      height,
      reference: target,
      referenceTitle: "target",
      to: 1,
      lines: [{ title: "Interval coverage", name: "interval_coverage", colour: "--realised" }],
      textOf: (value) => percent(value),
    }),
    [({ interval_coverage }) => interval_coverage],
  ),
  intervalPanel(
    { id: "interval-width", title: "Interval width", says: "mean width; the score adds what labels are outside by" },
    () => ({
      height,
      from: 0,
      lines: [
        { title: "Winkler score", name: "interval_score", colour: "--estimate", dashed: true },
        { title: "Mean width", name: "interval_width", colour: "--realised" },
      ],
      textOf: (value) => figure(value),
    }),
    [({ interval_score }) => interval_score, ({ interval_width }) => interval_width],
  ),
];

function intervalPanel(
  head: PanelHead,
  optionsFor: (target: number | null) => ChartOptions,
  figures: readonly ((window: WindowJson) => number | null)[],
): Panel {
  const place = chartPlace(head.id);
  const frame = panelFrame(head, [place]);
  const chart = new TimeChart(place, optionsFor(null));
  return {
    element: frame,
    show: ({ windows, summary }) => {
      frame.hidden = !windows.some(({ interval_rows: rows }) => rows > 0);
      const options = optionsFor(summary?.interval_target ?? null);
      const series = seriesOf(windows, figures);
      chart.show({ series, windows, marks: [] }, options);
      describeChart(place, head.title, series.columns.at(-1), options.textOf);
    },
  };
}
