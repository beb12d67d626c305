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

/** What the compose file decides itself, because it follows from its services. */
const FIXED = [
  "AMQP_URL",
  "LOGS_DIR",
  "LANE",
  "HTTP_HOST",
  "HTTP_PORT",
  "GATEWAY_HOST",
  "GATEWAY_PORT",
  "GATEWAY_OPEN",
  "DATABASE_URL",
  "RABBITMQ_PAGE_URL",
  "STATUS_URLS",
];

test.each([
  ["docker-compose.yml", (name: string) => new RegExp(`^ +${name}:`, "m")],
  [".env.example", (name: string) => new RegExp(`^#${name}=`, "m")],
])("%s has every setting that is not fixed there, and docs/docker.md names the fixed ones", (file, pattern) => {
  const text = readFileSync(builtFile(file), "utf8");
  expect(Object.keys(SETTINGS).filter((name) => !FIXED.includes(name) && !pattern(name).test(text))).toEqual([]);
  const docs = readFileSync(builtFile("docs/docker.md"), "utf8");
  expect(FIXED.filter((name) => !docs.includes(`\`${name}\``))).toEqual([]);
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
