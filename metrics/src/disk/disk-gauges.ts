import { Gauge, type Registry } from "prom-client";
import type { DiskOutlook } from "./disk-outlook.js";

/** Adds the gauges of the disk of the log. They have no sample before its second look. */
export function addDiskGauges(registry: Registry, outlook: () => DiskOutlook | undefined): void {
  const gauge = (name: string, help: string, of: (outlook: DiskOutlook) => number) =>
    new Gauge({
      registers: [registry],
      name,
      help,
      collect() {
        this.reset();
        // A gauge without labels is 0 after a reset.
        this.remove();
        const now = outlook();
        if (now !== undefined) this.set(of(now));
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
    "When that disk is full at that rate; +Inf if it is not foreseen.",
    ({ fullIn }) => fullIn ?? Infinity,
  );
}
