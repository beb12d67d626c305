import { Deferred, type Column } from "@streamgauge/core";
import type { InferenceLabels } from "./inference-labels.js";
import { modelOf, type InferenceRecord } from "./inference-record.js";

/** A new inference request of several rows. */
export type NewInference = Pick<InferenceRecord, "id" | "rows" | "columns" | "eventTimes" | "createdAt" | "expiresAt">;

/** An inference request that was sent, with its answers so far. */
export class OpenInference implements InferenceRecord {
  readonly id: string;
  readonly rows: number;
  readonly columns: ReadonlyMap<string, Column>;
  readonly eventTimes: Float64Array | undefined;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly y_pred: Float64Array;
  readonly reasons = new Map<number, string>();
  readonly otherModels = new Map<number, string>();
  /** Resolves when all rows are answered: whether they were, in time. */
  readonly answered = new Deferred<boolean>();
  /** Resolves when it is stored, or was not sent; rejects if it cannot be stored. */
  readonly stored = new Deferred<unknown>();
  labels: InferenceLabels | undefined;
  halfWidths: Float64Array | undefined;
  model = "";
  answeredAt: number | undefined;
  /** Rows without an answer. */
  left: number;
  /** Whether it is stored, or being stored, without all of its answers. */
  isKept = false;

  constructor({ id, rows, columns, eventTimes, createdAt, expiresAt }: NewInference) {
    [this.id, this.rows, this.columns, this.eventTimes] = [id, rows, columns, eventTimes];
    [this.createdAt, this.expiresAt] = [createdAt, expiresAt];
    this.y_pred = new Float64Array(rows).fill(Number.NaN);
    this.left = rows;
    // Whether it is stored concerns those who ask alone.
    this.stored.promise.catch(() => undefined);
  }

  /** An inference from before the start, with the answers that it has. */
  static of(record: InferenceRecord): OpenInference {
    const open = new OpenInference(record);
    open.y_pred.set(record.y_pred);
    for (const [row, reason] of record.reasons) open.reasons.set(row, reason);
    for (const [row, model] of record.otherModels) open.otherModels.set(row, model);
    [open.model, open.answeredAt, open.labels, open.halfWidths] = [record.model, record.answeredAt, record.labels, record.halfWidths];
    open.isKept = true;
    open.left = Array.from(open.y_pred.keys()).filter((row) => open.#awaits(row)).length;
    return open;
  }

  /** The models that answered, in the order of the rows. */
  get models(): readonly string[] {
    if (this.otherModels.size === 0) return [this.model];
    return [...new Set(Array.from(this.y_pred.keys(), (row) => modelOf(this, row)))];
  }

  /**
   * Records predictions, and half the widths of their intervals, NaN for those without. The first answer to a row counts.
   *
   * @returns the number of rows that had none. @param at - now, ms since 1970.
   */
  take(rows: readonly number[], values: (i: number) => number, halfWidths: (i: number) => number, model: string, at: number): number {
    if (this.model === "") this.model = model;
    const isOther = model !== this.model;
    return this.#answer(rows, at, (row, i) => {
      this.y_pred[row] = values(i);
      const halfWidth = halfWidths(i);
      if (!Number.isNaN(halfWidth)) (this.halfWidths ??= new Float64Array(this.rows).fill(Number.NaN))[row] = halfWidth;
      if (isOther) this.otherModels.set(row, model);
    });
  }

  /** Records why rows get no prediction, in the same way. */
  refuse(rows: readonly number[], reasons: (i: number) => string, at: number): number {
    return this.#answer(rows, at, (row, i) => this.reasons.set(row, reasons(i)));
  }

  #answer(rows: readonly number[], at: number, note: (row: number, i: number) => void): number {
    const before = this.left;
    for (let i = 0; i < rows.length; i += 1) {
      const row = rows[i] ?? 0;
      if (!this.#awaits(row)) continue;
      note(row, i);
      this.left -= 1;
    }
    if (this.left < before) this.answeredAt = at;
    return before - this.left;
  }

  /** Whether the row exists and waits for an answer. */
  #awaits(row: number): boolean {
    return row < this.rows && Number.isNaN(this.y_pred[row]) && !this.reasons.has(row);
  }
}
