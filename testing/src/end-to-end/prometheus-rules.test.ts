import { readFileSync } from "node:fs";
import { beforeAll, expect, test, vi } from "vitest";
import { builtFile } from "../built-file.js";
import { temporaryFolder } from "../vitest/index.js";
import { compile } from "./harness/compile.js";
import { startCli } from "./harness/program.js";

// Processes of a busy machine; nothing here takes its time by itself.
vi.setConfig({ testTimeout: 120_000 });
beforeAll(compile);

/** Names of this program's metrics in a text, without the suffixes of histograms. */
function metricNames(text: string): Set<string> {
  return new Set(Array.from(text.matchAll(/\bstreamgauge_[a-z_]+/g), ([name]) => name.replace(/_(bucket|sum|count)$/, "")));
}

test("every metric that the shipped Prometheus rules name exists in the program", async () => {
  const rules = readFileSync(builtFile("deploy/prometheus/streamgauge.rules.yaml"), "utf8");
  const named = metricNames(rules);
  expect(named.size).toBeGreaterThanOrEqual(10);
  const program = startCli(["up"], { GATEWAY_PORT: "0", ROWS_PER_SECOND: "10" }, temporaryFolder());
  const url = /http:\S+[^.\s]/.exec(await program.says(/Health and metrics at /))?.[0] ?? "";
  await program.says(/MAE/);
  const known = metricNames(await (await fetch(`${url}/metrics`)).text());
  expect([...named].filter((name) => !known.has(name))).toEqual([]);
  program.signal("SIGTERM");
  expect((await program.ended()).code).toBe(0);
});
