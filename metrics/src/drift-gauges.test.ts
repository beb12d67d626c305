import { Registry } from "prom-client";
import { expect, test } from "vitest";
import type { DriftFigures } from "./alerting/lane-figures.js";
import { addDriftGauges } from "./drift-gauges.js";

/** The samples as Prometheus reads them, without comments. */
async function samples(registry: Registry): Promise<string[]> {
  return (await registry.metrics()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

test("the index of each feature, and whether it has drifted; a feature that is no longer monitored has no sample", async () => {
  let figures: DriftFigures | undefined;
  const registry = new Registry();
  addDriftGauges(registry, () => figures);
  expect(await samples(registry)).toEqual([]);
  figures = {
    rows: 500,
    features: [
      { name: "bmi", psi: 1.25, noise: 0.05, drifted: true },
      { name: "y_pred", psi: 0.0625, noise: 0.05, drifted: false },
    ],
  };
  expect(await samples(registry)).toEqual([
    'streamgauge_metrics_drift_psi{feature="bmi"} 1.25',
    'streamgauge_metrics_drift_psi{feature="y_pred"} 0.0625',
    'streamgauge_metrics_drifted{feature="bmi"} 1',
    'streamgauge_metrics_drifted{feature="y_pred"} 0',
  ]);
  figures = { rows: 500, features: figures.features.slice(1) };
  expect(await samples(registry)).toEqual([
    'streamgauge_metrics_drift_psi{feature="y_pred"} 0.0625',
    'streamgauge_metrics_drifted{feature="y_pred"} 0',
  ]);
});
