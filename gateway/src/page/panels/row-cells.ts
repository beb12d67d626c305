import { element } from "../dom.js";
import { count, figure } from "../format.js";

/** Characters of an id that are shown. */
const MOST_SHOWN = 48;
const MAIN_LOG = "metric_log.csv";

/** A link to what is known of a row, if there is more. */
export function idElement({ id, prediction }: { readonly id: string; readonly prediction: string | null }): Node {
  const properties = { textContent: shortId(id), title: id };
  return prediction === null ? element("span", properties) : element("a", { ...properties, href: prediction });
}

/** An id that fits into a table; cut where it is long, between characters. */
export function shortId(id: string): string {
  const characters = Array.from(id);
  return characters.length <= MOST_SHOWN ? id : `${characters.slice(0, MOST_SHOWN - 1).join("")}…`;
}

/** When a row happened, in UTC, to the second. */
export function timeText(time: string): string {
  return time.slice(0, 19).replace("T", " ");
}

/** The label in force. @param first - the one in the log. */
export function labelText(label: number, first: number): string {
  return `${figure(label)}${label === first ? "" : ` (corrected, was ${figure(first)})`}`;
}

/** Where a row is in the log. */
export function logRowText({ row, log }: { readonly row: number; readonly log: string }): string {
  return `${count(row)}${log === MAIN_LOG ? "" : ` of ${log}`}`;
}
