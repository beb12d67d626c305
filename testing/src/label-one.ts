import { LabelledRow, LabelledRows, NewPairs, type ErrorWindow, type PairGrid, type WorstRow } from "@streamgauge/core/windows";

/** A labelled row of a test. */
export interface OneRow {
  readonly yTrue: number;
  readonly yPred: number;
  /** How long its label took. Default: 0. */
  readonly lagMs?: number;
  readonly model: string;
  readonly tenth: number;
  /** Half the width of the interval that was announced with its prediction. Default: none was. */
  readonly halfWidth?: number;
  /** Of its model version. */
  readonly grid?: PairGrid;
  /** As it is ranked. Default: it is not. */
  readonly id?: string;
  readonly line?: number;
  readonly eventTime?: number;
}

/** Counts the label of one row in a window. Its prediction must be counted already. */
export function labelOne(window: ErrorWindow, one: OneRow): void {
  const { yTrue, yPred, lagMs = 0, model, tenth, grid, halfWidth, id } = one;
  const row = new LabelledRow().set(yTrue, yPred, lagMs, tenth, grid, halfWidth);
  const [rows, pairs] = [new LabelledRows(), new NewPairs()];
  rows.add(row);
  pairs.add(row.pair);
  window.label(model, rows, pairs);
  if (id !== undefined) window.worst.offer(rankedRow({ ...one, id }, row.error.absolute));
}

/** A row as windows rank it. @param peak - its largest error so far. */
export function rankedRow({ id = "", line = 0, eventTime = 0, model, yTrue, yPred }: OneRow, peak: number): WorstRow {
  return { id, line, eventTime, model, first: yTrue, yTrue, yPred, peak };
}
