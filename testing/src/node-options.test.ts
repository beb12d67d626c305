import { expect, test } from "vitest";
import { nodeOptionsIn, nodeOptionsOf } from "./node-options.js";

test.each([
  ["node --max-semi-space-size=32 --no-warnings ../scripts/run.mjs model", ["--max-semi-space-size=32", "--no-warnings"]],
  ["node ../scripts/run.mjs plot --flag", []],
  ["", []],
])("the options in %j", (script, expected) => {
  expect(nodeOptionsIn(script)).toEqual(expected);
});

test("the services have a script that is understood", () => {
  expect(nodeOptionsOf("features")).toContain("--max-semi-space-size=32");
});
