// Writes the tables of settings in README.md and docs/settings.md from the code: `node scripts/settings-table.mjs`. A test fails
// if one is out of date.
import { prepare } from "./prepare.mjs";
import { replaceTable } from "./replace-table.mjs";

await prepare("cli");
const { MAIN_SETTINGS, settingsTable } = await import("../core/dist/index.js");
const { SETTINGS } = await import("../cli/dist/settings.js");
replaceTable("README.md", "settings", settingsTable(SETTINGS, MAIN_SETTINGS));
replaceTable("docs/settings.md", "settings", settingsTable(SETTINGS));
