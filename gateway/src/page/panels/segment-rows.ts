import type { RowOrder, SegmentRowsJson } from "@streamgauge/core/windows";
import { element, setText } from "../dom.js";
import { count, counted, figure, figureOrOverflow } from "../format.js";
import { scrollRegion, tableElement } from "./figures-table.js";
import { idElement, labelText, logRowText, timeText } from "./row-cells.js";

/** On a phone the first ones are seen without scrolling. */
const COLUMNS = ["Id", "Absolute error", "Prediction", "Label", "Event time (UTC)", "Row of the log", "Other values"];
/** Features whose values are shown beside those of the segment. */
const OTHER_VALUES = 3;

type Row = SegmentRowsJson["rows"][number];
/** Asks for the rows of a segment. Rejects with a sentence that says why there are none. */
export type RowsSource = (segment: string, order: RowOrder) => Promise<SegmentRowsJson | null>;

/** A row of the table of segments that shows labelled rows of the segment above it. */
export class SegmentRows {
  readonly element: HTMLTableRowElement;
  readonly #said = element("p", { className: "note" });
  readonly #buttons: Readonly<Record<RowOrder, HTMLButtonElement>>;
  readonly #table = tableElement({ id: "rows-of-segment", caption: "Rows of the segment", columns: COLUMNS });
  readonly #place = scrollRegion("Rows of the segment", this.#table.table);
  #asked: readonly [segment: string, order: RowOrder] | undefined;
  /** As a person chose it last. */
  #order: RowOrder = "worst";
  #source: RowsSource | undefined;

  /** @param columns - of the table of segments. */
  constructor(columns: number) {
    this.#said.setAttribute("role", "status");
    this.#buttons = { worst: this.#button("worst", "Largest errors"), latest: this.#button("latest", "Latest") };
    const orders = element("p", {}, Object.values(this.#buttons));
    const stays = element("div", { className: "stays" }, [orders, this.#said, this.#place]);
    const cell = element("td", { colSpan: columns }, [stays]);
    this.element = element("tr", { id: "opened-segment", className: "opened" }, [cell]);
  }

  #button(order: RowOrder, textContent: string): HTMLButtonElement {
    const button = element("button", { type: "button", textContent });
    button.addEventListener("click", () => {
      if (this.#asked !== undefined) this.#ask(this.#asked[0], order);
    });
    return button;
  }

  /** The segment whose rows are shown; undefined if none is open. */
  get segment(): string | undefined {
    return this.#asked?.[0];
  }

  /** Shows rows of another segment, or of other hours. */
  open(segment: string, source: RowsSource): void {
    if (segment !== this.segment) this.#show(null);
    this.#source = source;
    this.#ask(segment, this.#order);
  }

  close(): void {
    this.#asked = undefined;
    this.element.remove();
  }

  #ask(segment: string, order: RowOrder): void {
    const asked = [segment, order] as const;
    this.#asked = asked;
    this.#order = order;
    for (const each of ["worst", "latest"] as const) this.#buttons[each].ariaPressed = String(each === order);
    setText(this.#said, `Reads the rows of ${segment} …`);
    void this.#source?.(segment, order).then(
      (found) => {
        // Another one was opened meanwhile.
        if (this.#asked !== asked) return;
        setText(this.#said, rowsText(found, segment));
        this.#show(found);
      },
      (error: unknown) => {
        if (this.#asked !== asked) return;
        setText(this.#said, error instanceof Error ? error.message : String(error));
        this.#show(null);
      },
    );
  }

  #show(found: SegmentRowsJson | null): void {
    const { rows, where } = found ?? { rows: [], where: [] };
    const own = new Set(where.map(({ feature }) => feature));
    this.#place.hidden = rows.length === 0;
    this.#table.body.replaceChildren(...rows.map((row) => rowElement(row, own)));
  }
}

/** Which rows are shown. */
export function rowsText(found: SegmentRowsJson | null, segment: string): string {
  if (found === null || found.rows.length === 0)
    return `There are no rows of ${segment} in these hours.${found === null ? "" : doubtText(found)}`;
  const { rows, count: all, order } = found;
  const which = order === "worst" ? "with the largest errors" : "that happened last";
  const shown =
    rows.length === all
      ? `All ${counted(all, "row")} of ${segment}, those ${which} first.`
      : `The ${counted(rows.length, "row")} of ${count(all)} of ${segment} ${which}.`;
  return `${shown}${doubtText(found)}`;
}

function doubtText({ is_whole: isWhole, looked_at: lookedAt, unanswered }: SegmentRowsJson): string {
  const older = isWhole ? "" : ` Only the latest ${count(lookedAt)} rows of the log were looked at.`;
  const missing = unanswered.length === 0 ? "" : ` Rows of ${unanswered.join(", ")} are missing: their metrics did not answer.`;
  return `${older}${missing}`;
}

function rowElement(row: Row, own: ReadonlySet<string>): HTMLElement {
  return element("tr", {}, [
    element("th", { scope: "row" }, [idElement(row)]),
    ...rowTexts(row, own).map((textContent) => element("td", { textContent })),
  ]);
}

/** The texts of a row behind its id. @param own - the features of the segment: their values are known. */
export function rowTexts(row: Row, own: ReadonlySet<string>): string[] {
  const { event_time: time, y_true: label, first_y_true: first, y_pred: prediction, absolute_error: error, bins } = row;
  const others = bins.filter(({ feature }) => !own.has(feature)).map(({ text }) => text);
  return [
    figureOrOverflow(error),
    figure(prediction),
    labelText(label, first),
    timeText(time),
    logRowText(row),
    others.slice(0, OTHER_VALUES).join("; "),
  ];
}

/** The button that opens the rows of a segment. */
export function openingButton(segment: string, onClick: () => void): HTMLButtonElement {
  const button = element("button", { type: "button", className: "opening", textContent: segment });
  button.dataset["segment"] = segment;
  button.addEventListener("click", onClick);
  return button;
}
