import type { ChartConfiguration } from "chart.js";
import { emptyMessage } from "./empty-message.js";
import { INK } from "./picture-style.js";

/** The chart of a log without rows: it says what to do. */
export function noRowsChart(options: NonNullable<ChartConfiguration["options"]>): ChartConfiguration {
  return {
    type: "bar",
    data: { datasets: [] },
    options: { ...options, scales: { x: { display: false }, y: { display: false } } },
    plugins: [
      emptyMessage(
        "No rows logged yet",
        ["A row appears here once its prediction and its label have met.", "Check that features, model and metrics are running."],
        INK,
      ),
    ],
  };
}
