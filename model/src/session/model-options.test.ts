import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { readConfig } from "@streamgauge/core";
import { csvFile } from "@streamgauge/testing/vitest";
import { expect, test } from "vitest";
import { SETTINGS } from "../start.js";
import { modelOptions } from "./model-options.js";

const settings = (env: NodeJS.ProcessEnv) => readConfig(SETTINGS, env);

function pipe(): string {
  const path = `${csvFile("")}.pipe`;
  execFileSync("mkfifo", [path]);
  return path;
}

test("nothing is wanted if nothing is set", async () => {
  expect(await modelOptions(settings({}), "")).toEqual({ allowMissing: false });
});

test("the settings are what is wanted", async () => {
  const env = { FEATURES: "b,a", OUTPUT: "y[1]", ALLOW_MISSING: "1" };
  expect(await modelOptions(settings(env), "")).toEqual({ features: ["b", "a"], output: "y[1]", allowMissing: true });
});

test("the dataset's columns are those beside target, id and time", async () => {
  const path = csvFile('\ufeffid,b,"a, c",when,price\n1,2,3,2025-10-09,4\n');
  const { dataset } = await modelOptions(settings({ TARGET_COLUMN: "price", ID_COLUMN: "id", TIME_COLUMN: "when" }), path);
  expect(dataset).toEqual(["b", "a, c"]);
});

test.each([
  ["is not there", () => "/nowhere/rows.csv"],
  ["is a folder", () => tmpdir()],
  ["is a pipe", () => pipe()],
  ["is empty", () => csvFile("")],
  ["is no CSV file", () => csvFile('a"b,c\n')],
])("a dataset that %s has no columns", async (_, path) => {
  expect(await modelOptions(settings({}), path())).toEqual({ allowMissing: false });
});
