import Type, { type Static } from "typebox";

export const RowOrderSchema = Type.Union([Type.Literal("worst"), Type.Literal("latest")], {
  description: "Which rows come first: those with the largest errors, or those that happened last.",
});

export type RowOrder = Static<typeof RowOrderSchema>;

/** The most rows of a segment that are listed. */
export const MOST_SEGMENT_ROWS = 100;

/** A labelled row of a segment. */
export interface SegmentRow {
  readonly id: string;
  /** The number of its line in the log of its partition, from 0. */
  readonly line: number;
  /** When it happened, ms since 1970. */
  readonly eventTime: number;
  /** The label in the log, and the one in force. */
  readonly first: number;
  readonly yTrue: number;
  readonly yPred: number;
  /** Its bins, by column. */
  readonly codes: readonly number[];
}

/** The first rows of an order. */
export function bestOf<Row extends SegmentRow>(rows: readonly Row[], order: RowOrder, limit: number): Row[] {
  return rows.toSorted((one, other) => compareRows(one, other, order)).slice(0, limit);
}

/** Which comes first; of equal ones the later line. */
export function compareRows(one: SegmentRow, other: SegmentRow, order: RowOrder): number {
  const [first, second] = [rankOf(one, order), rankOf(other, order)];
  if (first !== second) return first > second ? -1 : 1;
  return other.line - one.line || (one.id < other.id ? -1 : Number(one.id > other.id));
}

function rankOf({ eventTime, yPred, yTrue }: SegmentRow, order: RowOrder): number {
  return order === "latest" ? eventTime : Math.abs(yPred - yTrue);
}
