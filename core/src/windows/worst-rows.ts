import Type from "typebox";
import { SavedDouble } from "../runtime/saved-value.js";

/** Rows that a window keeps, and that a sum of windows lists. So each row of the list is among those of its window. */
export const WORST_ROWS = 10;

/** One of the rows of a window with the largest errors. */
export interface WorstRow {
  readonly id: string;
  /** The number of its line in the log of its partition, from 0. */
  readonly line: number;
  /** When it happened, ms since 1970. */
  readonly eventTime: number;
  /** The model version, by name and version. */
  readonly model: string;
  /** The label in the log, and the one in force. */
  readonly first: number;
  readonly yTrue: number;
  readonly yPred: number;
  /** The largest |e| that any label of it gave, the first one or that of a correction. */
  readonly peak: number;
}

/** What saved rows look like. */
export const WorstRowsSchema = Type.Array(
  Type.Object({
    id: Type.String(),
    line: Type.Integer({ minimum: 0, description: "The number of its line in the log of its partition, from 0." }),
    eventTime: Type.Number({ description: "When it happened, ms since 1970." }),
    model: Type.String(),
    first: Type.Number({ description: "The label in the log." }),
    yTrue: Type.Number({ description: "The label in force." }),
    yPred: Type.Number(),
    peak: SavedDouble,
  } satisfies Record<keyof WorstRow, unknown>),
  { description: "The rows with the largest errors, whichever of their labels gave them; the worst one first." },
);

/** Which comes first: the larger error, and of equal ones the earlier line. */
export function compareWorst(one: WorstRow, other: WorstRow): number {
  if (one.peak !== other.peak) return one.peak > other.peak ? -1 : 1;
  return one.line - other.line || (one.id < other.id ? -1 : Number(one.id > other.id));
}

/** The first of these rows that are certainly the worst of all. @param missing - of `WorstRows`. */
export function certainOf<Row extends WorstRow>(rows: readonly Row[], missing: number): readonly Row[] {
  const end = rows.findIndex(({ peak }) => peak <= missing);
  return end === -1 ? rows : rows.slice(0, end);
}

/**
 * The rows with the largest errors. A row is ranked by the largest error that any of its labels gave. That only grows, so a row that was left out
 * never has to come back because another one was corrected: neither the order of the rows matters nor that of corrections.
 */
export class WorstRows {
  readonly #rows: WorstRow[] = [];
  #missing = Number.NaN;

  /** Only rows with a larger error have a place, if they are logged after those that are here. */
  get floor(): number {
    return this.#rows[WORST_ROWS - 1]?.peak ?? -1;
  }

  /**
   * The largest error that a row may have which has a place and is missing: an earlier version kept fewer rows, or none. NaN: none is missing.
   * Rows with larger errors are certain.
   */
  get missing(): number {
    return this.#missing;
  }

  /** Takes in a row, or what became of it. */
  offer(row: WorstRow): void {
    const known = this.#rows.findIndex(({ line, id }) => line === row.line && id === row.id);
    const peak = Math.max(row.peak, this.#rows[known]?.peak ?? row.peak);
    if (known !== -1) this.#rows.splice(known, 1);
    this.#place({ ...row, peak });
  }

  /** Adds rows of another part. @param missing - of that part. */
  merge(rows: readonly WorstRow[], missing = Number.NaN): void {
    for (const row of rows) this.#place(row);
    this.miss(missing);
  }

  /** A row with this error cannot be ranked, because nobody knows which one it is. */
  miss(peak: number): void {
    if (!Number.isNaN(peak) && !(peak <= this.#missing)) this.#missing = peak;
    this.#forgetMissing();
  }

  #place(row: WorstRow): void {
    if (row.peak < this.floor) return;
    const at = this.#rows.findIndex((each) => compareWorst(row, each) < 0);
    this.#rows.splice(at === -1 ? this.#rows.length : at, 0, row);
    if (this.#rows.length > WORST_ROWS) this.#rows.pop();
    this.#forgetMissing();
  }

  /** A row that would have no place is not missing. */
  #forgetMissing(): void {
    if (this.floor > this.#missing) this.#missing = Number.NaN;
  }

  /** The worst one first. Equal rows are equal JSON. */
  save(): WorstRow[] {
    return this.#rows.map(({ id, line, eventTime, model, first, yTrue, yPred, peak }) => ({
      id,
      line,
      eventTime,
      model,
      first,
      yTrue,
      yPred,
      peak,
    }));
  }

  clear(): void {
    this.#rows.length = 0;
    this.#missing = Number.NaN;
  }
}
