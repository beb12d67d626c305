import type { DriftOverTime, RowOrder, SegmentRowsJson, SegmentsJson, SummaryEvent, WindowJson } from "@streamgauge/core/windows";
import type { Choice } from "../choice.js";
import { element, withAttributes } from "../dom.js";

/** What drifted, and where the error is. */
export interface FeatureView {
  /** null: nothing is known of the features of the model. */
  readonly drift: DriftOverTime | null;
  readonly segments: SegmentsJson | null;
  /** Drift between two times, with its bins, if there is a gateway to ask. */
  readonly hours?: (start: string, end: string) => Promise<DriftOverTime | null>;
  /** Rows of a segment, by its name, if there is a gateway to ask. Rejects with a sentence that says why not. */
  readonly rows?: (segment: string, order: RowOrder) => Promise<SegmentRowsJson | null>;
  /** The address of the segments as JSON. */
  readonly link?: string;
}

/** What panels show: the windows of a choice, one by one and as one. */
export interface View {
  readonly choice: Pick<Choice, "metric" | "model">;
  /** Ascending. */
  readonly windows: readonly WindowJson[];
  readonly summary: SummaryEvent["summary"] | undefined;
  /** undefined: not known yet. */
  readonly features?: FeatureView | undefined;
  /** Addresses of the same figures as JSON, if there is a gateway to ask. */
  readonly links?: { readonly windows: string; readonly summary: string };
}

/** A chart with its heading and its figures. */
export interface Panel {
  readonly element: HTMLElement;
  /** Shows another view. */
  show(view: View): void;
}

/** `live`: windows come, and a person chooses what to see. `report`: nothing changes any more, and everything is there at once. */
export type Medium = "live" | "report";

/** Makes the panels of a kind: in a report there may be several, for what one chooses on the live page. */
export type PanelMaker = (medium: Medium) => readonly Panel[];

export interface PanelHead {
  /** Begins the ids of its parts. */
  readonly id: string;
  readonly title: string;
  /** What the title means. */
  readonly says?: string;
  /** Whether it is as wide as the page. */
  readonly isWhole?: boolean;
}

/** The frame of a panel, with its heading. */
export function panelFrame({ id, title, says = "", isWhole = false }: PanelHead, children: readonly Node[]): HTMLElement {
  const heading = element("h2", {}, [
    element("span", { id: `${id}-title`, textContent: title }),
    " ",
    element("small", { id: `${id}-says`, textContent: says }),
  ]);
  const frame = element("section", { className: isWhole ? "panel whole" : "panel" }, [heading, ...children]);
  return withAttributes(frame, { "aria-labelledby": `${id}-title` });
}

/** Where a chart is drawn that is read with the keyboard too. */
export function chartPlace(id: string, isTall = false): HTMLElement {
  const place = element("div", { id: `${id}-chart`, className: isTall ? "chart tall" : "chart", tabIndex: 0 });
  return withAttributes(place, { role: "group", "aria-label": "No values yet." });
}
