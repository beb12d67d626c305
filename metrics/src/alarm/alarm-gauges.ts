import { Gauge, type Registry } from "prom-client";
import type { Alarms } from "./alarms.js";
import type { ModelAlarm } from "./model-alarm.js";
import { ALARM_KINDS } from "./raised-alarm.js";

/** Adds the gauges of the alarm on the error. @param list - the versions that are watched. */
export function addAlarmGauges(registry: Registry, list: () => ReturnType<Alarms["list"]>): void {
  const gauge = (name: string, help: string, labels: readonly string[], set: (gauge: Gauge, model: string, alarm: ModelAlarm) => void) =>
    new Gauge({
      registers: [registry],
      name,
      help,
      labelNames: ["model", ...labels],
      collect() {
        // A version that was forgotten loses its sample.
        this.reset();
        for (const { model, alarm } of list()) set(this, model, alarm);
      },
    });
  gauge(
    "streamgauge_metrics_alarm",
    "1 while the alarm on the error is on: worse or better than the baseline.",
    ["kind"],
    (to, model, alarm) => {
      if (alarm.baseline !== undefined) for (const kind of ALARM_KINDS) to.set({ model, kind }, alarm.isOn(kind) ? 1 : 0);
    },
  );
  gauge("streamgauge_metrics_alarm_baseline", "The mean absolute error above which a version is worse.", [], (to, model, { sharpened }) => {
    if (sharpened !== undefined) to.set({ model }, sharpened.worse);
  });
  gauge("streamgauge_metrics_alarm_last_row", "The row of the log that raised the last alarm of a kind.", ["kind"], (to, model, alarm) => {
    for (const kind of ALARM_KINDS) to.set({ model, kind }, alarm.last(kind)?.row ?? 0);
  });
}
