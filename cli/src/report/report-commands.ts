import { boundText } from "@streamgauge/core/windows";
import type { ReportContent } from "@streamgauge/gateway";
import type { ReportRequest } from "./report-request.js";

/** How to get the same figures again. @param within - the times of the report, ms since 1970 or ±Infinity. */
export function reportCommands(
  { lane, model, size }: Pick<ReportRequest, "lane" | "model" | "size">,
  { from, to }: { readonly from: number; readonly to: number },
): ReportContent["commands"] {
  const range = [...timeWords("--from", from), ...timeWords("--to", to)];
  const words = ["--lane", lane, "--size", size, ...range];
  return [
    {
      what: "This report, with what is known when it is written; set LOGS_DIR to the folder of the log:",
      command: commandOf(["npx", "streamgauge", "report", ...words, ...(model === "" ? [] : ["--model", model])]),
    },
    { what: "All figures of its windows as JSON:", command: commandOf(["npx", "streamgauge", "windows", ...words, "--json"]) },
  ];
}

function timeWords(option: string, time: number): string[] {
  return Number.isFinite(time) ? [option, boundText(time)] : [];
}

/** A command for a shell, whatever its words have in them. */
export function commandOf(words: readonly string[]): string {
  return words.map((word) => (/^[\w.:@/=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(" ");
}
