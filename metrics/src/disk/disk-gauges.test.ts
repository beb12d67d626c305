import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { addDiskGauges } from "./disk-gauges.js";
import type { DiskOutlook } from "./disk-outlook.js";

async function samplesOf(outlook: DiskOutlook | undefined): Promise<string[]> {
  const registry = new Registry();
  addDiskGauges(registry, () => outlook);
  return (await registry.metrics()).split("\n").filter((line) => line.startsWith("streamgauge_"));
}

test("a disk that is not known has no samples", async () => {
  expect(await samplesOf(undefined)).toEqual([]);
});

test.each([
  [7_200, "7200"],
  // A rule that asks whether it is near finds a series, and is not met.
  [undefined, "+Inf"],
])("a disk that is full in %s seconds", async (fullIn, written) => {
  expect(await samplesOf({ free: 1_000, rate: 5, fullIn })).toEqual([
    "streamgauge_metrics_disk_free_bytes 1000",
    "streamgauge_metrics_disk_growth_bytes_per_second 5",
    `streamgauge_metrics_disk_full_in_seconds ${written}`,
  ]);
});
