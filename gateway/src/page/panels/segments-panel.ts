import type { SegmentJson, SegmentsJson } from "@streamgauge/core/windows";
import { element, setText } from "../dom.js";
import { count, counted, figure, figureOrOverflow, percent } from "../format.js";
import { scrollRegion, tableElement } from "./figures-table.js";
import { panelFrame, type FeatureView, type Medium, type Panel, type PanelMaker, type View } from "./panel.js";
import { openingButton, SegmentRows } from "./segment-rows.js";

const COLUMNS = ["Rows with", "Rows", "MAE", "Compared with", "Bias", "Excess", "Share", "Evidence"];

/** Where the error is. */
export const segmentPanels: PanelMaker = (medium) => [new SegmentsPanel(medium)];

class SegmentsPanel implements Panel {
  readonly element: HTMLElement;
  readonly #verdict = element("p", { className: "verdict" });
  readonly #note = element("p", { className: "note" });
  readonly #json = element("a", { textContent: "all figures as JSON" });
  readonly #table = tableElement({ id: "segment-rows", caption: "Segments", columns: COLUMNS });
  readonly #place = scrollRegion("Segments", this.#table.table);
  readonly #rows = new SegmentRows(COLUMNS.length);
  #shown: FeatureView | undefined;

  constructor(medium: Medium) {
    const more = element("p", { className: "note" });
    if (medium === "live") more.append("Choose a segment to see its rows, or ", this.#json, ".");
    this.element = panelFrame({ id: "segments", title: "Where the error is", isWhole: true }, [
      this.#verdict,
      this.#note,
      this.#place,
      more,
    ]);
  }

  show({ features }: View): void {
    if (features === this.#shown && features !== undefined) return;
    const before = this.#shown;
    this.#shown = features;
    const segments = features?.segments;
    // Without a reference the panel above says so.
    this.element.hidden = !segments;
    if (!segments) return;
    setText(this.#verdict, verdictText(segments));
    setText(this.#note, noteText(segments));
    this.#json.href = features?.link ?? "/segments";
    this.#showTable(segments.segments, features?.rows);
    if (before?.link !== features?.link) this.#openAgain(segments.segments);
    this.#place.hidden = segments.segments.length === 0;
  }

  /** Keeps what is open, and what has the focus. */
  #showTable(segments: readonly SegmentJson[], rows: FeatureView["rows"]): void {
    const { activeElement } = document;
    const focused = activeElement instanceof HTMLElement && this.#table.body.contains(activeElement) ? activeElement : undefined;
    this.#table.body.replaceChildren(...segments.map((segment) => this.#rowElement(segment, rows)));
    this.#placeRows();
    const again = focused?.isConnected === true ? focused : this.#buttonOf(focused?.dataset["segment"]);
    again?.focus({ preventScroll: true });
  }

  #rowElement(segment: SegmentJson, rows: FeatureView["rows"]): HTMLElement {
    const [text = "", ...figures] = textsOf(segment);
    const name = rows === undefined ? text : openingButton(segment.text, () => this.#toggle(segment.text));
    return element("tr", { className: segment.stands_out ? "standing" : "" }, [
      element("th", { scope: "row" }, [name]),
      ...figures.map((textContent) => element("td", { textContent })),
    ]);
  }

  #toggle(segment: string): void {
    const source = this.#shown?.rows;
    if (segment === this.#rows.segment) this.#rows.close();
    else if (source !== undefined) this.#rows.open(segment, source);
    this.#placeRows();
  }

  /** Other hours are shown. */
  #openAgain(segments: readonly SegmentJson[]): void {
    const open = segments.find(({ text }) => text === this.#rows.segment);
    if (open !== undefined && this.#shown?.rows !== undefined) this.#rows.open(open.text, this.#shown.rows);
  }

  /** Puts the rows below their segment. One that is no longer listed is closed. */
  #placeRows(): void {
    const { segment } = this.#rows;
    const button = this.#buttonOf(segment);
    for (const each of this.#buttons()) each.ariaExpanded = String(each === button);
    if (button === undefined) this.#rows.close();
    else button.closest("tr")?.after(this.#rows.element);
  }

  #buttons(): HTMLButtonElement[] {
    return Array.from(this.#table.body.querySelectorAll("button")).filter((button) => button.dataset["segment"] !== undefined);
  }

  #buttonOf(segment: string | undefined): HTMLButtonElement | undefined {
    return segment === undefined ? undefined : this.#buttons().find((button) => button.dataset["segment"] === segment);
  }
}

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

/** The cells of a segment. */
export function textsOf(segment: SegmentJson): string[] {
  const { text, rows, sampled, mae, compared_mae: compared, bias, excess, share, e_value: evidence, stands_out: standsOut } = segment;
  return [
    text,
    `${count(rows)}${sampled ? " of a sample" : ""}`,
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
