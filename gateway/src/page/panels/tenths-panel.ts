import { element, fillTable } from "../dom.js";
import { axisFigure } from "../format.js";
import { drawnBars } from "./bars.js";
import { Drawing } from "./drawing.js";
import { figuresTable } from "./figures-table.js";
import { panelFrame, type PanelMaker, type View } from "./panel.js";
import { NO_TENTHS, tenthBars, tenthTexts } from "./tenth-texts.js";

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
        const bars = tenths.length === 0 ? [] : tenthBars(tenths);
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
        fillTable(table.body, tenths.map(tenthTexts));
      },
    },
  ];
};
