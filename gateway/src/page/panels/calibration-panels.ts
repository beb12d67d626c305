import { element, fillTable } from "../dom.js";
import { CALIBRATION, QUANTILES, RESIDUALS, type PointsPanel } from "./calibration-points.js";
import { Drawing } from "./drawing.js";
import { figuresTable } from "./figures-table.js";
import { panelFrame, type Medium, type Panel, type PanelMaker, type View } from "./panel.js";
import { drawnPoints } from "./points.js";

type Summary = View["summary"];

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
      const isThere = summary !== null && summary !== undefined;
      const drawn = isThere ? points(summary) : [];
      const texts = isThere ? rows(summary) : [];
      if (isThere) drawing.show(drawnPoints(drawn, options(summary)));
      note.hidden = texts.length > 0;
      place.hidden = drawn.length === 0;
      table.element.hidden = texts.length === 0;
      fillTable(table.body, texts);
    },
  };
}
