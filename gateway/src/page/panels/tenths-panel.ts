import type { WindowSummary } from "@streamgauge/core/windows";
import { element, fillTable } from "../dom.js";
import { axisFigure, count, figure, percent } from "../format.js";
import { drawnBars, type Bar } from "./bars.js";
import { Drawing } from "./drawing.js";
import { figuresTable } from "./figures-table.js";
import { panelFrame, type PanelMaker, type View } from "./panel.js";

type Tenth = WindowSummary["tenths"][number];

/** In place of figures by tenth. */
export const NO_TENTHS =
  "There are none yet: the tenths are those of the first predictions of a model version, 1,000 by default, and need labels.";

/** Whether large predictions are worse than small ones. */
export const tenthsPanels: PanelMaker = (medium) => {
  const none = element("p", { className: "note", textContent: NO_TENTHS });
  const place = element("div", { id: "tenths", className: "drawing" });
  const columns = ["Tenth", "Predicted", "Coverage", "MAE", "RMSE"];
  const table = figuresTable({ id: "tenths-rows", caption: "The tenths", columns }, medium);
  const drawing = new Drawing(place);
  const frame = panelFrame({ id: "tenths", title: "MAE by tenth of the prediction" }, [none, place, table.element]);
  let shown: View["summary"];
  return [
    {
      element: frame,
      show: ({ summary }) => {
        if (summary === shown && shown !== undefined) return;
        shown = summary;
        const all = summary?.tenths ?? [];
        const tenths = all.some(({ labelled }) => labelled > 0) ? all : [];
        const bars = tenths.length === 0 ? [] : barsOf(tenths);
        drawing.show(
          drawnBars(bars, {
            label: "MAE by tenth of the prediction; its figures are in the table below.",
            axis: "tenth of the predictions, the smallest first",
            textOf: axisFigure,
            names: bars.map((_, i) => String(i + 1)),
          }),
        );
        none.hidden = tenths.length > 0;
        table.element.hidden = tenths.length === 0;
        fillTable(table.body, tenths.map(rowOf));
      },
    },
  ];
};

function barsOf(tenths: readonly Tenth[]): Bar[] {
  return Array.from({ length: 10 }, (_, i) => {
    const { mae = null, predicted = 0, labelled = 0 } = tenths.find(({ tenth }) => tenth === i) ?? {};
    const title = `tenth ${i + 1}: MAE ${figure(mae)}, ${count(labelled)} of ${count(predicted)} labelled`;
    return { from: i, to: i + 1, value: mae ?? 0, title };
  });
}

function rowOf({ tenth, predicted, labelled, mae, rmse }: Tenth): string[] {
  const coverage = percent(predicted === 0 ? null : labelled / predicted);
  return [String(tenth + 1), count(predicted), coverage, figure(mae), figure(rmse)];
}
