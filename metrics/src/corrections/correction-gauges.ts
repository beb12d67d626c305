import { METRICS } from "@streamgauge/core";
import { Gauge, type Registry } from "prom-client";
import type { JoinState } from "../join/join-state.js";
import { correctedFigures } from "./corrected-figures.js";

/** Adds the gauges of corrections. @param current - the current join; undefined while it is not open. */
export function addCorrectionGauges(registry: Registry, current: () => JoinState | undefined): void {
  const registers = [registry];
  new Gauge({
    registers,
    name: "streamgauge_metrics_corrections",
    help:
      "Corrections of labels by outcome: received = applied + waiting + duplicates + conflicts + unmatched + dead_lettered. " +
      "not_restated are those applied whose windows could not be restated.",
    labelNames: ["outcome"],
    collect() {
      const corrections = current()?.corrections;
      if (corrections === undefined) return;
      const { received, applied, duplicates, conflicts, unmatched, deadLettered, notRestated } = corrections.balance;
      const outcomes = {
        received,
        applied,
        waiting: corrections.waiting,
        duplicates,
        conflicts,
        unmatched,
        dead_lettered: deadLettered,
        not_restated: notRestated,
      };
      for (const [outcome, rows] of Object.entries(outcomes)) this.set({ outcome }, rows);
    },
  });
  new Gauge({
    registers,
    name: "streamgauge_metrics_corrected_error",
    help: "Statistics of the errors of all logged rows as their labels were corrected, in the target's unit except r2.",
    labelNames: ["statistic"],
    collect() {
      // Without corrections there are no samples.
      this.reset();
      const state = current();
      const values = state === undefined ? undefined : correctedFigures(state);
      if (values === undefined) return;
      for (const { name } of METRICS) if (Number.isFinite(values[name])) this.set({ statistic: name }, values[name]);
    },
  });
}
