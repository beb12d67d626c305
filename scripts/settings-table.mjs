// Writes the tables of settings in README.md and docs/settings.md from the code: `node scripts/settings-table.mjs`. A test fails
// if one is out of date.
import { readFileSync, writeFileSync } from "node:fs";
import { prepare } from "./prepare.mjs";

prepare("cli");
const { MAIN_SETTINGS, settingsTable } = await import("../core/dist/index.js");
const { SETTINGS } = await import("../cli/dist/settings.js");
write("README.md", settingsTable(SETTINGS, MAIN_SETTINGS));
write("docs/settings.md", settingsTable(SETTINGS));

function write(file, table) {
  const page = new URL(`../${file}`, import.meta.url);
  const text = readFileSync(page, "utf8");
  writeFileSync(
    page,
    text.replace(/(<!-- settings -->\n)[\s\S]*(<!-- \/settings -->)/, (_, begin, end) => `${begin}\n${table}\n\n${end}`),
  );
}
