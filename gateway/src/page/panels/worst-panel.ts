import type { WindowSummary } from "@streamgauge/core/windows";
import { element, setText } from "../dom.js";
import { count, counted, figure, figureOrOverflow } from "../format.js";
import { scrollRegion, tableElement } from "./figures-table.js";
import { idElement, labelText, logRowText, timeText } from "./row-cells.js";
import { panelFrame, type PanelMaker, type View } from "./panel.js";

type Row = WindowSummary["worst"][number];

/** On a phone the first ones are seen without scrolling. */
const COLUMNS = ["Id", "Error", "Prediction", "Label", "Event time (UTC)", "Largest error", "Model version", "Row of the log"];

/** The rows with the largest errors of the range. */
export const worstPanels: PanelMaker = () => {
  const note = element("p", { id: "worst-note", className: "note" });
  const { table, body } = tableElement({ id: "worst-rows", caption: "Worst rows", columns: COLUMNS });
  const place = scrollRegion("Worst rows", table);
  const frame = panelFrame({ id: "worst", title: "Worst rows", isWhole: true }, [place, note]);
  const says = frame.querySelector("h2 small");
  let shown: readonly [View["summary"], string] | undefined;
  return [
    {
      element: frame,
      show: ({ summary, choice: { model } }: View) => {
        if (shown?.[0] === summary && shown?.[1] === model) return;
        shown = [summary, model];
        const rows = (summary?.worst ?? []).filter((row) => model === "" || row.model === model);
        body.replaceChildren(...rows.map(rowElement));
        place.hidden = rows.length === 0;
        if (says !== null) says.textContent = worstText(summary);
        setText(note, worstNote(summary, model));
        note.hidden = note.textContent === "";
      },
    },
  ];
};

/** Which rows are listed. */
export function worstText(summary: View["summary"]): string {
  const { worst = [], labelled = 0 } = summary ?? {};
  const listed =
    worst.length === labelled
      ? "all labelled rows of the range"
      : `the ${counted(worst.length, "row")} of the range with the largest errors`;
  return worst.length === 0 ? "" : `${listed}; a corrected row keeps the place of the largest error that it had`;
}

/** What is missing among the worst rows; empty if nothing is. @param model - the version that is shown; empty: all. */
export function worstNote(summary: View["summary"], model: string): string {
  const { worst = [], worst_certain: certain = 0, labelled = 0 } = summary ?? {};
  const doubt = certain < worst.length || (worst.length === 0 && labelled > 0) ? doubtText(certain) : "";
  if (worst.length === 0) return doubt || "There are none yet: they need labels.";
  const shown = worst.filter((row) => row.model === model).length;
  const share = model === "" ? "" : `Of these ${counted(worst.length, "row")}, ${count(shown)} ${shown === 1 ? "is" : "are"} of ${model}.`;
  return [share, doubt].filter((text) => text !== "").join(" ");
}

function doubtText(certain: number): string {
  const listed = certain === 0 ? "Worse rows may be missing here" : `Behind the first ${count(certain)} of them worse rows may be missing`;
  return `${listed}: an earlier version of Streamgauge counted some rows of the range, and kept fewer of the worst.`;
}

function rowElement(row: Row): HTMLElement {
  const texts = textsOf(row);
  return element("tr", {}, [
    element("th", { scope: "row" }, [idElement(row)]),
    ...texts.map((textContent) => element("td", { textContent })),
  ]);
}

/** The texts of a row behind its id. */
export function textsOf({
  event_time: time,
  y_true: label,
  first_y_true: first,
  y_pred,
  error,
  largest_error,
  model,
  row,
  log,
}: Row): string[] {
  return [
    figureOrOverflow(error),
    figure(y_pred),
    labelText(label, first),
    timeText(time),
    figureOrOverflow(largest_error),
    model || "without a version",
    logRowText({ row, log }),
  ];
}
