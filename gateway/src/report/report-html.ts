import { createHash } from "node:crypto";
import { printable } from "@streamgauge/core";
import { rangeText } from "../page/report/facts.js";
import { packReport, type ReportContent } from "../page/report/report-data.js";
import type { ReportParts } from "./report-parts.js";

/** The most bytes of a report: mail and chat take a file of this size. */
export const MOST_BYTES = 1_000_000;

/**
 * A report as one HTML file, which loads nothing: its script and style are in it, and its policy allows these two and no other.
 *
 * @param parts - of every report.
 */
export function reportHtml(content: ReportContent, parts: ReportParts): string {
  const values: Readonly<Record<string, string>> = {
    policy: policyOf(parts),
    generator: escapeHtml(`streamgauge ${content.version}`),
    title: escapeHtml(printable(titleOf(content))),
    style: `<style>${parts.style}</style>`,
    icon: parts.icon,
    data: `<script type="application/json" id="data">${dataOf(content)}</script>`,
    script: `<script>${parts.script}</script>`,
  };
  // A function: a value may hold what means something in the text of a replacement, such as "$&".
  return parts.template.replaceAll(
    /\{(\w+)\}|<!-- (\w+) -->/g,
    (whole, text?: string, part?: string) => values[text ?? part ?? ""] ?? whole,
  );
}

function titleOf({ lane, model, summary, from, to }: ReportContent): string {
  return `Errors of ${lane}${model === "" ? "" : `, ${model}`}, ${rangeText({ summary, from, to })}${summary === null ? "" : " UTC"}`;
}

/** JSON within a script element: HTML would end it at "</script", or hide it from "<!--" on. */
function dataOf(content: ReportContent): string {
  return JSON.stringify(packReport(content)).replaceAll("<", "\\u003c");
}

function escapeHtml(text: string): string {
  const names: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
  return text.replaceAll(/[&<>"']/g, (character) => names[character] ?? character);
}

function policyOf({ script, style }: ReportParts): string {
  return `default-src 'none'; script-src '${hashOf(script)}'; style-src '${hashOf(style)}'; base-uri 'none'; form-action 'none'`;
}

function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}
