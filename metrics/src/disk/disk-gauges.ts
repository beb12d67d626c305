import { Gauge, type Registry } from "prom-client";
import type { DiskOutlook } from "./disk-outlook.js";

/** Adds the gauges of the disk of the log. One whose value is not known has no sample. */
export function addDiskGauges(registry: Registry, outlook: () => DiskOutlook | undefined): void {
  const gauge = (name: string, help: string, of: (outlook: DiskOutlook) => number | undefined) =>
    new Gauge({
      registers: [registry],
      name,
      help,
      collect() {
        this.reset();
        // A gauge without labels is 0 after a reset.
        this.remove();
        const now = outlook();
        const value = now === undefined ? undefined : of(now);
        if (value !== undefined) this.set(value);
      },
    });
  gauge("streamgauge_metrics_disk_free_bytes", "Bytes that are free on the disk of the log.", ({ free }) => free);
  gauge(
    "streamgauge_metrics_disk_growth_bytes_per_second",
    "Bytes that are written there a second, by metrics and steadily by others, over six hours.",
    ({ rate }) => rate,
  );
  gauge(
    "streamgauge_metrics_disk_full_in_seconds",
    "When that disk is full at that rate; no sample if it is not foreseen.",
    ({ fullIn }) => fullIn,
  );
}
