// Writes the README's table of settings from the code: `node scripts/settings-table.mjs`. A test fails where it is out of date.
import { readFileSync, writeFileSync } from "node:fs";
import { prepare } from "./prepare.mjs";

prepare("cli");
const { settingsTable } = await import("../core/dist/index.js");
const { SETTINGS } = await import("../cli/dist/settings.js");
const readme = new URL("../README.md", import.meta.url);
const text = readFileSync(readme, "utf8");
writeFileSync(
  readme,
  text.replace(/(<!-- settings -->\n)[\s\S]*(<!-- \/settings -->)/, (_, begin, end) => `${begin}\n${settingsTable(SETTINGS)}\n\n${end}`),
);
