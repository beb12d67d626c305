import { LabelledRow, LabelledRows, type ErrorWindow } from "@streamgauge/core/windows";

/** A labelled row of a test. */
export interface OneRow {
  readonly yTrue: number;
  readonly yPred: number;
  /** How long its label took. Default: 0. */
  readonly lagMs?: number;
  readonly model: string;
  readonly tenth: number;
}

/** Counts the label of one row in a window. Its prediction must be counted already. */
export function labelOne(window: ErrorWindow, { yTrue, yPred, lagMs = 0, model, tenth }: OneRow): void {
  const rows = new LabelledRows();
  rows.add(new LabelledRow().set(yTrue, yPred, lagMs, tenth));
  window.label(model, rows);
}
