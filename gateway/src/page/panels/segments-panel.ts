import type { SegmentJson, SegmentsJson } from "@streamgauge/core/windows";
import { element, setText } from "../dom.js";
import { count, counted, figure, figureOrOverflow, percent } from "../format.js";
import { scrollRegion, tableElement } from "./figures-table.js";
import { panelFrame, type FeatureView, type PanelMaker, type View } from "./panel.js";

const COLUMNS = ["Rows with", "Rows", "MAE", "Compared with", "Bias", "Excess", "Share", "Evidence"];

/** Where the error is. */
export const segmentPanels: PanelMaker = (medium) => {
  const verdict = element("p", { className: "verdict" });
  const note = element("p", { className: "note" });
  const more = element("p", { className: "note" });
  const { table, body } = tableElement({ id: "segment-rows", caption: "Segments", columns: COLUMNS });
  const place = scrollRegion("Segments", table);
  const frame = panelFrame({ id: "segments", title: "Where the error is", isWhole: true }, [verdict, note, place, more]);
  const link = element("a", { href: "#worst-title", textContent: "the worst rows of the range" });
  const json = element("a", { textContent: "all figures as JSON" });
  if (medium === "live") more.append("Rows are not kept by segment. See ", link, ", or ", json, ".");
  let shown: FeatureView | undefined;
  return [
    {
      element: frame,
      show: ({ features }: View) => {
        if (features === shown && features !== undefined) return;
        shown = features;
        const segments = features?.segments;
        // Without a reference the panel above says so.
        frame.hidden = !segments;
        if (!segments) return;
        setText(verdict, verdictText(segments));
        setText(note, noteText(segments));
        json.href = features?.link ?? "/segments";
        body.replaceChildren(...segments.segments.map(rowElement));
        place.hidden = segments.segments.length === 0;
      },
    },
  ];
};

/** What was found, in a sentence. */
export function verdictText({ segments, standing_out: standing, tested, earlier }: SegmentsJson): string {
  const [first] = segments;
  if (tested === 0) return "There are too few labelled rows yet.";
  if (standing === 0 || first === undefined) return `No segment stands out${earlier === null ? "" : " beside the time before"}.`;
  return standing === 1 ? `One segment stands out: ${first.text}.` : `${count(standing)} segments stand out, first of all ${first.text}.`;
}

/** What was compared with what. */
export function noteText({ rows, hours, tested, earlier, model }: SegmentsJson): string {
  const compared =
    earlier === null
      ? "each compared with all other rows"
      : `each compared with its own error in ${counted(earlier.hours, "hour")} before, which have a MAE of ${figureOrOverflow(earlier.mae)}`;
  const once = hours === 1 ? " Of a single hour it is not known whether errors that follow in time play a part." : "";
  return `${counted(tested, "segment")} of ${counted(rows, "labelled row")} of ${model || "the model"} in ${counted(hours, "hour")}, ${compared}. Of those that stand out at most 5 % do so by chance.${once}`;
}

function rowElement(segment: SegmentJson): HTMLElement {
  const [text = "", ...figures] = textsOf(segment);
  return element("tr", { className: segment.stands_out ? "standing" : "" }, [
    element("th", { scope: "row", textContent: text }),
    ...figures.map((textContent) => element("td", { textContent })),
  ]);
}

/** The cells of a segment. */
export function textsOf(segment: SegmentJson): string[] {
  const { text, rows, sampled, mae, compared_mae: compared, bias, excess, share, e_value: evidence, stands_out: standsOut } = segment;
  return [
    text,
    `${count(rows)}${sampled ? " of 1 in 10" : ""}`,
    figureOrOverflow(mae),
    figureOrOverflow(compared),
    figureOrOverflow(bias),
    figureOrOverflow(excess),
    share === null ? "–" : percent(share),
    `${standsOut ? "stands out, " : ""}${evidenceText(evidence)}`,
  ];
}

/** An e-value to read. */
export function evidenceText(value: number): string {
  if (value < 1) return "none";
  return `${value < 1e6 ? figure(Number(value.toPrecision(2))) : `10^${Math.floor(Math.log10(value))}`} to 1`;
}
