import { Counter, Gauge, Registry } from "prom-client";
import { expect, test } from "vitest";
import { mergedMetrics } from "./merged-metrics.js";

test("samples of one name are together, whichever registry they come from", async () => {
  const [one, other] = [new Registry(), new Registry()];
  other.setDefaultLabels({ lane: "challenger" });
  for (const registers of [[one], [other]]) {
    new Counter({ registers, name: "rows_total", help: "Rows." }).inc(3);
    new Counter({ registers, name: "frames_total", help: "Frames.", labelNames: ["side"] }).inc({ side: "y_true" }, 2);
  }
  expect(await mergedMetrics([one, other])).toBe(
    `# HELP rows_total Rows.
# TYPE rows_total counter
rows_total 3
rows_total{lane="challenger"} 3

# HELP frames_total Frames.
# TYPE frames_total counter
frames_total{side="y_true"} 2
frames_total{side="y_true",lane="challenger"} 2
`,
  );
  expect(await mergedMetrics([one])).toBe(await one.metrics());
});

test("what is no number is written as Prometheus writes it", async () => {
  const registry = new Registry();
  const gauge = new Gauge({ registers: [registry], name: "error", help: "Nan", labelNames: ["of"] });
  gauge.set({ of: "r2" }, Number.NaN);
  gauge.set({ of: "mae" }, Infinity);
  expect(await mergedMetrics([registry])).toBe('# HELP error Nan\n# TYPE error gauge\nerror{of="r2"} NaN\nerror{of="mae"} +Inf\n');
});
