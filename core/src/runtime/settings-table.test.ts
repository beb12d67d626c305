import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { SETTINGS } from "./settings.js";
import { settingsTable } from "./settings-table.js";

test("the README's table of settings is the one that the code reads", () => {
  const readme = readFileSync(new URL("../../../README.md", import.meta.url), "utf8");
  expect(readme, "run: node scripts/settings-table.mjs").toContain(settingsTable(SETTINGS));
});
