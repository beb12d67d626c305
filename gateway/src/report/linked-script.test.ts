import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { linkedScript } from "./linked-script.js";

const MODULES: Readonly<Record<string, string>> = {
  "main.js": 'const a = require("./parts/a.js");\nconst b = require("./b.js");\nresult.push(a.name + b.name);',
  "b.js": 'result.push("b runs");\nexports.name = "b";',
  "parts/a.js": 'const b = require("../b.js");\nexports.name = "a" + b.name;',
  "unused.js": "throw new Error();",
};

test("a linked script runs a module with those that it requires, each once", () => {
  const result: string[] = [];
  runInNewContext(
    linkedScript("main.js", (name) => MODULES[name] ?? ""),
    { result },
  );
  expect(result).toEqual(["b runs", "abb"]);
});

test("modules that require each other do not link for ever", () => {
  const script = linkedScript("a.js", (name) => `require("./${name === "a.js" ? "b" : "a"}.js");`);
  expect(script.match(/function \(require, exports\)/g)).toHaveLength(2);
});
