import { markdownTable } from "../../markdown-table.js";
import { METRICS } from "./metric-table.js";

/** The table of docs/metrics.md. */
export function metricsPageTable(): string {
  return markdownTable([
    ["metric", "title", "what it is", "formula", "unit", "fewest pairs"],
    ...METRICS.map(({ name, title, description, formula, unit, least }) => [
      `\`${name}\``,
      title,
      description,
      formula,
      unit === "target" ? "the target's" : "none",
      String(least),
    ]),
  ]);
}
