import { metricValues } from "@streamgauge/core";
import type { ErrorWindow } from "@streamgauge/core/windows";
import { Gauge, type Registry } from "prom-client";
import type { JoinState } from "./join/join-state.js";
import { setMetrics } from "./statistics/set-metrics.js";
import { windowOver } from "./join/state-figures.js";

const HOUR_MS = 3_600_000;
/** One read of the windows serves all gauges of a scrape. */
const FRESH_MS = 500;

/** Adds the gauges of the last hour of event time. @param current - the current join; undefined while it is not open. */
export function addWindowGauges(registry: Registry, current: () => JoinState | undefined): void {
  const registers = [registry];
  const window = lastHour(current);
  new Gauge({
    registers,
    name: "streamgauge_metrics_hour_rows",
    help: "Rows that happened in the last hour of the stream: predicted, and labelled among them.",
    labelNames: ["outcome"],
    collect() {
      const hour = window();
      this.reset();
      if (hour === undefined) return;
      this.set({ outcome: "predicted" }, hour.predicted);
      this.set({ outcome: "labelled" }, hour.labelled);
    },
  });
  new Gauge({
    registers,
    name: "streamgauge_metrics_hour_coverage_ratio",
    help: "Labelled rows divided by predicted rows, of the last hour of the stream.",
    collect() {
      const hour = window();
      // After a reset a gauge without labels would be 0.
      this.remove();
      if (hour !== undefined && hour.predicted > 0) this.set(hour.labelled / hour.predicted);
    },
  });
  new Gauge({
    registers,
    name: "streamgauge_metrics_hour_error",
    help: "Statistics of the errors of the last hour of the stream, in the target's unit except r2.",
    labelNames: ["statistic"],
    collect() {
      const hour = window();
      this.reset();
      if (hour !== undefined) setMetrics(this, hour.labelled, metricValues(hour.errors()));
    },
  });
  new Gauge({
    registers,
    name: "streamgauge_metrics_hour_interval",
    help: "The announced intervals of the last hour of the stream: target, coverage (ratios), width and score (Winkler) in the target's unit, rows.",
    labelNames: ["statistic"],
    collect() {
      const hour = window();
      this.reset();
      if (hour?.hasIntervals !== true) return;
      for (const [statistic, value] of Object.entries(hour.intervals())) this.set({ statistic }, value);
    },
  });
  addHalfWidthGauge(registry, current);
  new Gauge({
    registers,
    name: "streamgauge_metrics_hour_label_lag_seconds",
    help: "Time from an event to its label, of the last hour of the stream; known to within a factor of two.",
    labelNames: ["quantile"],
    collect() {
      const hour = window();
      this.reset();
      if (hour === undefined || hour.labelled === 0) return;
      for (const quantile of [0.5, 0.95]) this.set({ quantile }, hour.lag(quantile) / 1000);
    },
  });
}

function addHalfWidthGauge(registry: Registry, current: () => JoinState | undefined): void {
  new Gauge({
    registers: [registry],
    name: "streamgauge_metrics_half_width",
    help: "Half the width of the intervals that predictions of a model version have now, in the target's unit.",
    labelNames: ["model"],
    collect() {
      this.reset();
      for (const { model, halfWidth } of current()?.monitor.intervals.list() ?? []) this.set({ model }, halfWidth);
    },
  });
}

/** Adds the count of rows whose event time is out of the ordinary. @param current - as for `addWindowGauges`. */
export function addOddTimesGauge(registry: Registry, current: () => JoinState | undefined): void {
  new Gauge({
    registers: [registry],
    name: "streamgauge_metrics_odd_times",
    help: "Predictions whose event time was in the future when they came, or older than the minutes that are kept.",
    labelNames: ["kind"],
    collect() {
      const odd = current()?.monitor.oddTimes;
      this.reset();
      for (const [kind, rows] of Object.entries(odd ?? {})) this.set({ kind }, rows);
    },
  });
}

function lastHour(current: () => JoinState | undefined): () => ErrorWindow | undefined {
  let known: { readonly at: number; readonly state: JoinState; readonly window: ErrorWindow | undefined } | undefined;
  return () => {
    const state = current();
    const now = performance.now();
    if (state === undefined) return undefined;
    if (known?.state !== state || now - known.at > FRESH_MS)
      known = { at: now, state, window: readable(state, () => windowOver(state, HOUR_MS)) };
    return known.window;
  };
}

/** What `read` returns; undefined if the store was cut off: reading it would end the process. */
export function readable<T>({ store }: Pick<JoinState, "store">, read: () => T): T | undefined {
  try {
    store.assertUntouched();
    return read();
  } catch {
    // The next commit reports it.
    return undefined;
  }
}
