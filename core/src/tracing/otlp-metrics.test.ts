import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { expect, test } from "vitest";
import { otlpMetrics } from "./otlp-metrics.js";

const SPAN = { startTime: [1, 0], endTime: [61, 0] } satisfies Parameters<typeof otlpMetrics>[1];

test("counters become monotonic sums, gauges gauges, and buckets counts between bounds, with all labels", async () => {
  const registry = new Registry();
  registry.setDefaultLabels({ lane: "challenger" });
  const registers = [registry];
  new Counter({ registers, name: "rows_total", help: "Rows.", labelNames: ["side"] }).inc({ side: "y_true" }, 7);
  new Gauge({ registers, name: "depth", help: "Depth." }).set(2.5);
  const seconds = new Histogram({ registers, name: "commit_seconds", help: "Commits.", buckets: [0.1, 1] });
  for (const value of [0.05, 0.1, 0.5, 3]) seconds.observe(value);
  const metrics = otlpMetrics(await registry.getMetricsAsJSON(), SPAN);
  expect(metrics.map(({ descriptor: { name, description }, dataPointType }) => [name, description, dataPointType])).toEqual([
    ["rows_total", "Rows.", 3],
    ["depth", "Depth.", 2],
    ["commit_seconds", "Commits.", 0],
  ]);
  expect(metrics.map(({ dataPoints }) => dataPoints)).toEqual([
    [{ ...SPAN, attributes: { lane: "challenger", side: "y_true" }, value: 7 }],
    [{ ...SPAN, attributes: { lane: "challenger" }, value: 2.5 }],
    [
      {
        ...SPAN,
        attributes: { lane: "challenger" },
        value: { buckets: { boundaries: [0.1, 1], counts: [2, 1, 1] }, sum: 3.65, count: 4 },
      },
    ],
  ]);
  expect(metrics[0]).toMatchObject({ isMonotonic: true, aggregationTemporality: 1 });
});

test("a metric without samples is left out", async () => {
  const registry = new Registry();
  new Gauge({ registers: [registry], name: "by_model", help: "By model.", labelNames: ["model"] });
  expect(otlpMetrics(await registry.getMetricsAsJSON(), SPAN)).toEqual([]);
});
