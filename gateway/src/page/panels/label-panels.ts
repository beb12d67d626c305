import type { WindowJson } from "@streamgauge/core/windows";
import { duration, percent } from "../format.js";
import { chartPlace, panelFrame, type Panel, type PanelHead, type PanelMaker } from "./panel.js";
import { seriesOf } from "./series.js";
import { describeChart, TimeChart, type ChartOptions } from "./time-chart.js";

const shared = { height: 180, from: 0 };

/** Coverage and label lag over time. */
export const labelPanels: PanelMaker = () => [
  timePanel(
    { id: "coverage", title: "Coverage", says: "share of the predictions with a label" },
    { ...shared, to: 1, lines: [{ title: "Coverage", name: "coverage", colour: "--realised" }], textOf: (value) => percent(value) },
    "Coverage",
    [({ coverage }) => coverage],
  ),
  timePanel(
    { id: "lag", title: "Label lag", says: "from the event to its label" },
    {
      ...shared,
      lines: [
        { title: "95 %", name: "lag_p95_s", colour: "--estimate", dashed: true },
        { title: "Median", name: "lag_p50_s", colour: "--realised" },
      ],
      textOf: (value) => duration(value),
    },
    "Median label lag",
    [({ lag_p95_s }) => lag_p95_s, ({ lag_p50_s }) => lag_p50_s],
  ),
];

/** Figures of windows over time. @param name - of the last figure, which is on top. */
function timePanel(
  head: PanelHead,
  options: ChartOptions,
  name: string,
  figures: readonly ((window: WindowJson) => number | null)[],
): Panel {
  const place = chartPlace(head.id);
  const frame = panelFrame(head, [place]);
  const chart = new TimeChart(place, options);
  return {
    element: frame,
    show: ({ windows }) => {
      const series = seriesOf(windows, figures);
      chart.show({ series, windows, marks: [] });
      describeChart(place, name, series.columns.at(-1), options.textOf);
    },
  };
}
