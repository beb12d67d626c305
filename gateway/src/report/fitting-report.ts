import { emptyText, windowsText } from "../page/report/facts.js";
import type { ReportContent } from "../page/report/report-data.js";
import { MOST_BYTES, reportHtml } from "./report-html.js";
import { reportParts } from "./report-parts.js";

/** A report, and what is in it, in words. */
export interface FittingReport {
  readonly html: string;
  readonly says: string;
}

/** The first of these contents that makes a report of at most `MOST_BYTES`. @throws RangeError if none does. */
export function fittingReport(contents: Iterable<ReportContent>): FittingReport {
  for (const content of contents) {
    const html = reportHtml(content, reportParts());
    if (Buffer.byteLength(html) <= MOST_BYTES) return { html, says: saysOf(content) };
  }
  throw new RangeError(`No report of these windows has at most ${MOST_BYTES} bytes.`);
}

function saysOf(content: ReportContent): string {
  return content.windows.length === 0 ? emptyText(content) : `${windowsText(content)}. Open it in a browser.`;
}
