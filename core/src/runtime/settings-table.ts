import type { Settings } from "./config.js";

/** All settings as a table in Markdown. */
export function settingsTable(settings: Settings): string {
  const rows = Object.entries(settings).map(([name, { description, default: fallback }]) => {
    return [`\`${name}\``, fallback === "" ? "" : `\`${fallback}\``, description.replaceAll("|", "\\|")];
  });
  const table = [["variable", "default", "what it is"], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const [head = [], ...body] = table.map(line);
  return [head, `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...body].join("\n");
}
