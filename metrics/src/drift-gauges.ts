import { Gauge, type Registry } from "prom-client";
import type { DriftFigures } from "./alerting/lane-figures.js";

/** Adds the gauges of drift over the last day of event time. @param lastDay - undefined while nothing is known of the features. */
export function addDriftGauges(registry: Registry, lastDay: () => DriftFigures | undefined): void {
  const gauge = (name: string, help: string, of: (feature: DriftFigures["features"][number]) => number) =>
    new Gauge({
      registers: [registry],
      name,
      help,
      labelNames: ["feature"],
      collect() {
        // The model that takes over may have other features.
        this.reset();
        for (const feature of lastDay()?.features ?? []) if (Number.isFinite(of(feature))) this.set({ feature: feature.name }, of(feature));
      },
    });
  gauge(
    "streamgauge_metrics_drift_psi",
    "Population stability index of each monitored feature, and of y_pred, beside the model's reference: of the last day of the stream.",
    ({ psi }) => psi,
  );
  gauge(
    "streamgauge_metrics_drifted",
    "1 if that index is above 0.1 and above what it exceeds rarely though nothing has drifted, 0 otherwise.",
    ({ drifted }) => (drifted ? 1 : 0),
  );
}
