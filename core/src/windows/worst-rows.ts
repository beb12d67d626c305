import Type from "typebox";
import { SavedDouble } from "../runtime/saved-value.js";

/** Rows that a window keeps. */
const KEPT_ROWS = 5;

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
  { maxItems: KEPT_ROWS, description: "The rows with the largest errors, whichever of their labels gave them." },
);

/** Which comes first: the larger error, and of equal ones the earlier line. */
export function compareWorst(one: WorstRow, other: WorstRow): number {
  if (one.peak !== other.peak) return one.peak > other.peak ? -1 : 1;
  return one.line - other.line || (one.id < other.id ? -1 : Number(one.id > other.id));
}

/**
 * The rows with the largest errors. A row is ranked by the largest error that any of its labels gave. That only grows, so a row that was left out
 * never has to come back because another one was corrected: neither the order of the rows matters nor that of corrections.
 */
export class WorstRows {
  #rows: readonly WorstRow[] = [];

  /** Only rows with a larger error have a place, if they are logged after those that are here. */
  get floor(): number {
    return this.#rows.length < KEPT_ROWS ? -1 : (this.#rows[KEPT_ROWS - 1]?.peak ?? -1);
  }

  /** Takes in a row, or what became of it. */
  offer(row: WorstRow): void {
    const known = this.#rows.find(({ line, id }) => line === row.line && id === row.id);
    if (known === undefined && row.peak < this.floor) return;
    const now = known !== undefined && known.peak > row.peak ? { ...row, peak: known.peak } : row;
    this.merge([now], known);
  }

  /** Adds rows of another part. @param replaced - a row whose place they take. */
  merge(rows: readonly WorstRow[], replaced?: WorstRow): void {
    if (rows.length === 0) return;
    this.#rows = [...this.#rows.filter((each) => each !== replaced), ...rows].toSorted(compareWorst).slice(0, KEPT_ROWS);
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
    this.#rows = [];
  }
}
