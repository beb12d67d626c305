import { readFileSync } from "node:fs";
import { readConfig, settingsTable } from "@streamgauge/core";
import { builtFile } from "@streamgauge/testing";
import { expect, test } from "vitest";
import { SETTINGS } from "./settings.js";

test("the README's table of settings is the one that the code reads", () => {
  expect(readFileSync(builtFile("README.md"), "utf8"), "run: node scripts/settings-table.mjs").toContain(settingsTable(SETTINGS));
});

test("without any variable all defaults hold", () => {
  expect(readConfig(SETTINGS, {})).toMatchObject({ AMQP_URL: "", ROWS_PER_SECOND: 10, FRAME_ROWS: 1, FRAME_FORMAT: "json" });
});

test.each(["ftp", "localhost:8000", "models/a.onnx"])("takes no model server at %s", (MODEL_URL) => {
  expect(() => readConfig(SETTINGS, { MODEL_URL })).toThrow(/MODEL_URL must be a URL like http:\/\/host:8000\/v2\/models\/NAME/);
});
