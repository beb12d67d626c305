import type { Settings } from "./config.js";

/** The settings that most users look at; the README shows these, docs/settings.md all. */
export const MAIN_SETTINGS = [
  "AMQP_URL",
  "LOGS_DIR",
  "MODEL_PATH",
  "DATASET_PATH",
  "TARGET_COLUMN",
  "ID_COLUMN",
  "ROWS_PER_SECOND",
  "LABEL_RETENTION_MS",
  "GATEWAY_PORT",
  "API_KEYS",
];

/** Settings as a table in Markdown. @param names - those to show, in this order. Default: all. */
export function settingsTable(settings: Settings, names: readonly string[] = Object.keys(settings)): string {
  const rows = names.map((name) => {
    const { description = "", default: fallback = "" } = settings[name] ?? {};
    return [`\`${name}\``, fallback === "" ? "" : `\`${fallback}\``, description.replaceAll("|", "\\|")];
  });
  const table = [["variable", "default", "what it is"], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const [head = [], ...body] = table.map(line);
  return [head, `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...body].join("\n");
}
