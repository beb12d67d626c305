import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { builtFile } from "./built-file.js";

const SHIPPED = ["core", "features", "model", "metrics", "plot", "gateway", "alerts", "cli"];

/** The sources that ship, without their tests. */
function sources(): string[] {
  return SHIPPED.flatMap((workspace) => {
    const folder = builtFile(`${workspace}/src`);
    const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => /(?<!\.test)\.ts$/.test(name));
    return names.map((name) => readFileSync(join(folder, name), "utf8"));
  });
}

/** A quoted message as it stands in a source: texts and values in turns. `…` is any value. */
function pattern(quoted: string): RegExp {
  const parts = quoted.split("…");
  const escaped = parts.map((part) => part.trim().replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(escaped.filter((part) => part !== "").join(String.raw`\s*\$\{[^\n]*?\}\)?:?\s*`));
}

const guide = readFileSync(builtFile("docs/troubleshooting.md"), "utf8");
const quoted = [...guide.matchAll(/"([^"\n]+)"/g)]
  .map(([, text = ""]) => text)
  // A metric's label is no message.
  .filter((text) => text !== "pending");

describe("docs/troubleshooting.md", () => {
  const texts = sources();

  test("quotes messages", () => {
    expect(quoted.length).toBeGreaterThan(15);
    expect(quoted).toContain("The log cannot be written");
  });

  test.each(quoted)("says %j as the program says it", (message) => {
    expect(texts.some((text) => pattern(message).test(text))).toBe(true);
  });
});

test("a message that no source has is found out", () => {
  expect(pattern("The folder … cannot be used").test("super(`The folder ${path} cannot be used (${cause.message})`)")).toBe(true);
  expect(pattern("The folder … cannot be used").test("super(`The folder ${path} can be used`)")).toBe(false);
  expect(pattern("The log is in use").test("Another metrics process writes to the log ${log}.")).toBe(false);
});
