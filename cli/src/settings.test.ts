import { readFileSync } from "node:fs";
import { MAIN_SETTINGS, readConfig, settingsTable } from "@streamgauge/core";
import { builtFile } from "@streamgauge/testing";
import { expect, test } from "vitest";
import { SETTINGS } from "./settings.js";

test.each([
  ["README.md", settingsTable(SETTINGS, MAIN_SETTINGS)],
  ["docs/settings.md", settingsTable(SETTINGS)],
])("the table of settings in %s is the one that the code reads", (file, table) => {
  expect(readFileSync(builtFile(file), "utf8"), "run: node scripts/settings-table.mjs").toContain(table);
});

test("every main setting exists", () => {
  expect(MAIN_SETTINGS.filter((name) => !(name in SETTINGS))).toEqual([]);
});

test("without any variable all defaults hold", () => {
  expect(readConfig(SETTINGS, {})).toMatchObject({ AMQP_URL: "", ROWS_PER_SECOND: 10, FRAME_ROWS: 1, FRAME_FORMAT: "json" });
});

test.each(["ftp", "localhost:8000", "models/a.onnx"])("takes no model server at %s", (MODEL_URL) => {
  expect(() => readConfig(SETTINGS, { MODEL_URL })).toThrow(/MODEL_URL must be a URL like http:\/\/host:8000\/v2\/models\/NAME/);
});
