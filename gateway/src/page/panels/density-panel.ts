import type { PairDensity } from "@streamgauge/core/windows";
import { element, fillTable, setText } from "../dom.js";
import { densityOf, drawnDensity, fullestCells, noteOf } from "./density.js";
import { Drawing } from "./drawing.js";
import { figuresTable } from "./figures-table.js";
import { panelFrame, type PanelMaker, type View } from "./panel.js";

/** Cells that the table has. */
const LISTED_CELLS = 20;

/** Predicted against actual, of the chosen range and model version. */
export const densityPanels: PanelMaker = (medium) => {
  const note = element("p", { className: "note" });
  const place = element("div", { id: "density", className: "drawing" });
  const table = figuresTable({ id: "density-rows", caption: "The fullest cells", columns: ["Prediction", "Label", "Rows"] }, medium);
  const drawing = new Drawing(place);
  const head = { id: "density", title: "Predicted against actual", says: "labels over predictions; on the dashed line they are equal" };
  let shown: PairDensity | undefined;
  return [
    {
      element: panelFrame(head, [place, note, table.element]),
      show: ({ summary, choice: { model } }: View) => {
        const density = densityOf(summary, model);
        if (density === shown && density !== undefined) return;
        shown = density;
        drawing.show(drawnDensity(density));
        setText(note, noteOf(density, model));
        place.hidden = density === undefined;
        table.element.hidden = density === undefined;
        fillTable(table.body, density === undefined ? [] : fullestCells(density, LISTED_CELLS));
      },
    },
  ];
};
