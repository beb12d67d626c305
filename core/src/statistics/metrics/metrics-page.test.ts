import { readFileSync } from "node:fs";
import { builtFile } from "@streamgauge/testing";
import { expect, test } from "vitest";
import { metricsPageTable } from "./metrics-page.js";

test("docs/metrics.md has every metric", () => {
  expect(readFileSync(builtFile("docs/metrics.md"), "utf8"), "run: npm run documents").toContain(metricsPageTable());
});
