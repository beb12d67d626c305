import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import { addAlarmGauges } from "./alarm/alarm-gauges.js";
import { ALARM_KINDS } from "./alarm/raised-alarm.js";
import type { DriftFigures } from "./alerting/lane-figures.js";
import { addCorrectionGauges } from "./corrections/correction-gauges.js";
import { addDriftGauges } from "./drift-gauges.js";
import type { JoinState } from "./join/join-state.js";
import type { Committed } from "./join/commit-cycle.js";
import { mae, rmse, type Moments } from "@streamgauge/core";
import { lengthOf } from "@streamgauge/core/windows";
import { addOddTimesGauge, addWindowGauges, readable } from "./window-gauges.js";
import { SIDES } from "./state/half-table.js";
import { setMetrics } from "./statistics/set-metrics.js";

const LATENCY_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60, 600];

/** The metrics for Prometheus. */
export interface Telemetry {
  onCommit(committed: Committed, now: number): void;
  onFault(): void;
}

/** @param current - the current join; undefined while it is not open. */
export function createTelemetry(registry: Registry, current: () => JoinState | undefined): Telemetry {
  const registers = [registry];
  const commits = new Histogram({
    registers,
    name: "streamgauge_metrics_commit_seconds",
    help: "Duration of a commit: join, log, sync, store.",
    buckets: LATENCY_S,
  });
  const lag = new Histogram({
    registers,
    name: "streamgauge_metrics_lag_seconds",
    help: "Time from the source to the committed log, of the oldest row of each message.",
    labelNames: ["side"],
    buckets: LATENCY_S,
  });
  const frames = new Counter({
    registers,
    name: "streamgauge_metrics_frames_total",
    help: "Messages that were committed.",
    labelNames: ["side"],
  });
  const faults = new Counter({
    registers,
    name: "streamgauge_metrics_faults_total",
    help: "How often the log or its state could not be written.",
  });
  const alarms = new Counter({
    registers,
    name: "streamgauge_metrics_alarms_total",
    help: "Alarms on the error that were raised, also while one was on.",
    labelNames: ["kind"],
  });
  // Prometheus sees no increase in a series that begins at 1.
  for (const side of SIDES) frames.inc({ side }, 0);
  for (const kind of ALARM_KINDS) alarms.inc({ kind }, 0);
  addRowGauge(registry, current);
  addErrorGauges(registry, current);
  addRuleGauges(registry, current);
  addWindowGauges(registry, current);
  addDriftGauges(registry, () => lastDaysDrift(current()));
  addAlarmGauges(registry, () => current()?.alarms.list() ?? []);
  addOddTimesGauge(registry, current);
  addCorrectionGauges(registry, current);
  return {
    onCommit({ frames: answered, alarms: raised, took }, now) {
      for (const { kind } of raised) alarms.inc({ kind });
      commits.observe(took / 1000);
      for (const frame of answered) {
        frames.inc({ side: frame.side });
        lag.observe({ side: frame.side }, Math.max(0, now - frame.origin) / 1000);
      }
    },
    onFault: () => faults.inc(),
  };
}

function lastDaysDrift(state: JoinState | undefined): DriftFigures | undefined {
  return state && readable(state, () => state.drift.over(lengthOf("1d"), undefined));
}

function addRowGauge(registry: Registry, current: () => JoinState | undefined): void {
  const registers = [registry];
  new Gauge({
    registers,
    name: "streamgauge_metrics_rows",
    help: "Rows of each side by outcome: received = logged + pending + unmatched + dead_lettered + duplicates + conflicts.",
    labelNames: ["side", "outcome"],
    collect() {
      const state = current();
      if (state === undefined) return;
      for (const side of SIDES) {
        const { received, logged, unmatched, deadLettered, duplicates, conflicts } = state.balance[side];
        const outcomes = {
          received,
          logged,
          pending: state.pending.counts[side],
          unmatched,
          dead_lettered: deadLettered,
          duplicates,
          conflicts,
        };
        for (const [outcome, rows] of Object.entries(outcomes)) this.set({ side, outcome }, rows);
        this.set({ side, outcome: "waiting" }, state.rooms[side].rows);
      }
    },
  });
}

function addErrorGauges(registry: Registry, current: () => JoinState | undefined): void {
  const registers = [registry];
  new Gauge({
    registers,
    name: "streamgauge_metrics_error",
    help: "Statistics of the errors of all logged rows, in the target's unit except r2.",
    labelNames: ["statistic"],
    collect() {
      this.reset();
      const statistics = current()?.log.statistics;
      if (statistics !== undefined) setMetrics(this, statistics.count, statistics.values());
    },
  });
  const versions = (name: string, help: string, of: (moments: Moments) => number) =>
    new Gauge({
      registers,
      name,
      help,
      labelNames: ["model"],
      collect() {
        // A version that was merged into the earlier ones loses its sample.
        this.reset();
        for (const { model, moments } of current()?.versions.list() ?? []) this.set({ model }, of(moments));
      },
    });
  versions("streamgauge_metrics_version_rows", "Logged rows by model version; the latest 20 versions.", ({ count }) => count);
  versions("streamgauge_metrics_version_mae", "Mean absolute error of the logged rows by model version.", mae.of);
  versions("streamgauge_metrics_version_rmse", "Root mean squared error of the logged rows by model version.", rmse.of);
}

function addRuleGauges(registry: Registry, current: () => JoinState | undefined): void {
  const registers = [registry];
  new Gauge({
    registers,
    name: "streamgauge_metrics_alert_firing",
    help: "1 while an alert of the rule fires, 0 otherwise.",
    labelNames: ["rule", "severity"],
    collect() {
      // A rule that was taken out loses its sample.
      this.reset();
      for (const { name: rule, severity, isFiring } of current()?.alerting?.rules ?? []) this.set({ rule, severity }, isFiring ? 1 : 0);
    },
  });
  new Gauge({
    registers,
    name: "streamgauge_metrics_alert_outbox",
    help: "Alerts that the broker has not confirmed.",
    collect() {
      this.set(current()?.alerting?.outbox.entries.length ?? 0);
    },
  });
}
