import { markdownTable } from "../markdown-table.js";
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
    return [`\`${name}\``, fallback === "" ? "" : `\`${fallback}\``, description];
  });
  return markdownTable([["variable", "default", "what it is"], ...rows]);
}
