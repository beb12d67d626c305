import type { WindowSummary } from "@streamgauge/core/windows";
import { element } from "../dom.js";
import { count, figure } from "../format.js";
import { scrollRegion, tableElement } from "./figures-table.js";
import { panelFrame, type PanelMaker, type View } from "./panel.js";

type Row = WindowSummary["worst"][number];

const COLUMNS = ["Id", "Event time (UTC)", "Label", "Prediction", "Error", "Largest error", "Model version", "Line of the log"];
const NONE = "There are none yet: they need labels.";
/** Rows on the live page; a report has all. */
const MOST_LIVE = 10;
/** Characters of an id that are shown. */
const MOST_SHOWN = 48;
const MAIN_LOG = "metric_log.csv";

/** The rows with the largest errors of the range. */
export const worstPanels: PanelMaker = (medium) => {
  const note = element("p", { className: "note" });
  const { table, body } = tableElement({ id: "worst-rows", caption: "Worst rows", columns: COLUMNS });
  const place = scrollRegion("Worst rows", table);
  const head = {
    id: "worst",
    title: "Worst rows",
    says: "of the range, by the largest error that any label of theirs gave",
    isWhole: true,
  };
  let shown: readonly [View["summary"], string] | undefined;
  return [
    {
      element: panelFrame(head, [place, note]),
      show: ({ summary, choice: { model } }: View) => {
        if (shown?.[0] === summary && shown?.[1] === model) return;
        shown = [summary, model];
        const rows = (summary?.worst ?? [])
          .filter((row) => model === "" || row.model === model)
          .slice(0, medium === "live" ? MOST_LIVE : undefined);
        body.replaceChildren(...rows.map(rowElement));
        place.hidden = rows.length === 0;
        note.textContent = rows.length > 0 ? "" : model === "" ? NONE : `None of the worst rows of the range is of ${model}.`;
        note.hidden = rows.length > 0;
      },
    },
  ];
};

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
  const isCorrected = label !== first;
  return [
    time.slice(0, 19).replace("T", " "),
    `${figure(label)}${isCorrected ? ` (corrected, was ${figure(first)})` : ""}`,
    figure(y_pred),
    errorText(error),
    errorText(largest_error),
    model || "without a version",
    `${count(row)}${log === MAIN_LOG ? "" : ` of ${log}`}`,
  ];
}

function errorText(error: number | null): string {
  return error === null ? "overflow" : figure(error);
}

/** A link to what is known of the row, if there is more. */
function idElement({ id, prediction }: Row): Node {
  const properties = { textContent: shortId(id), title: id };
  return prediction === null ? element("span", properties) : element("a", { ...properties, href: prediction });
}

/** An id that fits into a table; cut where it is long, between characters. */
export function shortId(id: string): string {
  const characters = Array.from(id);
  return characters.length <= MOST_SHOWN ? id : `${characters.slice(0, MOST_SHOWN - 1).join("")}…`;
}
