import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { unpackReport } from "../page/report/report-data.js";
import { hours, reportContent } from "../testing/report-content.js";
import { fittingReport } from "./fitting-report.js";
import { MOST_BYTES, reportHtml } from "./report-html.js";
import { reportParts } from "./report-parts.js";

/** Ends a script, begins a comment, ends a line of a script, quotes, means something in a replacement, and is half a character. */
const EVIL = `</script><!--<script>"'&\u2028\u2029$&$\`{data}\\\ud800`;

/** The text of the only element that begins so. */
function within(html: string, begin: string, end: string): string {
  const [, rest = "", more] = html.split(begin);
  expect(more, `${begin} is there twice`).toBeUndefined();
  return rest.slice(0, rest.indexOf(end));
}

const dataOf = (html: string) => unpackReport(JSON.parse(within(html, '<script type="application/json" id="data">', "</script>")));

describe("a report", () => {
  test("has its content, whatever is in names", () => {
    const content = reportContent([{ ...hours(1)[0], size: "1h", start: 0, errors: [1], model: EVIL }], {
      lane: EVIL,
      model: EVIL,
      commands: [{ what: EVIL, command: EVIL }],
    });
    const html = reportHtml(content, reportParts());
    expect(dataOf(html)).toEqual(content);
    expect(within(html, "<title>", "</title>")).toMatch(
      /^Errors of &lt;\/script&gt;&lt;!--&lt;script&gt;&quot;&#39;&amp;\\u2028\\u2029\$&amp;\$`\{data\}\\\\ud800, &lt;/,
    );
    expect(html.match(/<script/g)).toHaveLength(2);
    expect(html.match(/<\/script/g)).toHaveLength(2);
  });

  test("allows its own script and style, and nothing else", () => {
    const html = reportHtml(reportContent(hours(2)), reportParts());
    const hashOf = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
    const [script, style] = [within(html, "<script>", "</script>"), within(html, "<style>", "</style>")];
    expect(within(html, '<meta http-equiv="content-security-policy" content="', '"')).toBe(
      `default-src 'none'; script-src ${hashOf(script)}; style-src ${hashOf(style)}; base-uri 'none'; form-action 'none'`,
    );
    expect(html).not.toMatch(/\b(?:src|href)=/);
  });

  test("is the first that is small enough", () => {
    const contents = [6_000, 1_000, 10].map((count) => reportContent(hours(count)));
    const sizes = contents.map((content) => Buffer.byteLength(reportHtml(content, reportParts())));
    expect(sizes.map((size) => size <= MOST_BYTES)).toEqual([false, true, true]);
    const { html, says } = fittingReport(contents);
    expect([Buffer.byteLength(html), says]).toEqual([
      sizes[1],
      "1,000 windows of 1 hour; 360 final, 640 provisional. Open it in a browser.",
    ]);
    expect(() => fittingReport(contents.slice(0, 1))).toThrow("No report of these windows has at most 1000000 bytes.");
  });
});
