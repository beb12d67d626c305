import Type, { type Static } from "typebox";
import { fileOfPartition } from "../lane-partition.js";
import type { MonitoredReference } from "../drift/index.js";
import { placeOfBin, placeText, PlaceSchema } from "./place.js";
import type { NamedSegment } from "./segment-named.js";
import { bestOf, RowOrderSchema, type RowOrder, type SegmentRow } from "./segment-row.js";

const SegmentRowSchema = Type.Object({
  id: Type.String(),
  event_time: Type.String({ format: "date-time", description: "When it happened." }),
  y_true: Type.Number({ description: "The label in force." }),
  first_y_true: Type.Number({ description: "The label in the log: another one if it was corrected." }),
  y_pred: Type.Number(),
  absolute_error: Type.Union([Type.Number(), Type.Null()], {
    description: "|y_pred − y_true|, by the label in force; null if it is beyond the largest double.",
  }),
  row: Type.Integer({ minimum: 1, description: "The row of the log that has it, counted from 1: line row + 1 of the file." }),
  log: Type.String({ description: "The name of that log in LOGS_DIR." }),
  bins: Type.Array(Type.Object({ feature: Type.String(), text: Type.String({ examples: ["bmi 5 to 6"] }) }), {
    description: "Its bin of each monitored feature, the most important one first, and of the prediction (y_pred).",
  }),
  prediction: Type.Union([Type.String(), Type.Null()], {
    description: "Where a gateway tells more of it; null if the gateway did not take the row.",
  }),
});

/** Labelled rows of a segment. */
export const SegmentRowsSchema = Type.Object(
  {
    segment: Type.String({ description: "Its name, as GET /segments has it." }),
    where: Type.Array(PlaceSchema, { description: "The values that its rows have." }),
    model: Type.String({ description: "The model version." }),
    order: RowOrderSchema,
    count: Type.Integer({
      minimum: 0,
      description: "Rows of the segment in the range, among the lines that were looked at; of two features all, not a sample.",
    }),
    looked_at: Type.Integer({ minimum: 0, description: "Lines of the log that were looked at, the latest ones." }),
    is_whole: Type.Boolean({ description: "Whether these are all lines with bins; if not, earlier rows may be missing." }),
    unanswered: Type.Array(Type.String(), { description: "Partitions of the lane whose metrics did not answer: their rows are missing." }),
    rows: Type.Array(SegmentRowSchema),
  },
  { description: "Labelled rows of a segment: those with the largest errors, or the latest." },
);

export type SegmentRowsJson = Static<typeof SegmentRowsSchema>;

/** What one partition found. */
export interface FoundRows {
  /** The first of its rows, by the order that was asked for. */
  readonly rows: readonly SegmentRow[];
  /** All of its rows. */
  readonly count: number;
  readonly lookedAt: number;
  readonly isWhole: boolean;
}

/** What was asked for. */
export interface SegmentRowsAsked {
  readonly segment: NamedSegment;
  readonly reference: MonitoredReference;
  readonly model: string;
  readonly order: RowOrder;
  readonly limit: number;
}

/** The rows of all partitions as one list. @param found - by partition. @param unanswered - partitions of which nothing is known. */
export function segmentRowsJson(
  { segment, reference, model, order, limit }: SegmentRowsAsked,
  found: ReadonlyMap<string, FoundRows>,
  unanswered: readonly string[],
): SegmentRowsJson {
  const all = [...found].flatMap(([partition, { rows }]) =>
    rows.map((row) => ({ ...row, log: fileOfPartition(partition, "metric_log", "csv") })),
  );
  const parts = [...found.values()];
  return {
    segment: segment.text,
    where: [...segment.places],
    model,
    order,
    count: parts.reduce((sum, { count }) => sum + count, 0),
    looked_at: parts.reduce((sum, { lookedAt }) => sum + lookedAt, 0),
    is_whole: parts.every(({ isWhole }) => isWhole),
    unanswered: [...unanswered],
    rows: bestOf(all, order, limit).map((row) => rowJson(row, reference)),
  };
}

function rowJson(row: SegmentRow & { readonly log: string }, { columns }: MonitoredReference): SegmentRowsJson["rows"][number] {
  const { id, eventTime, yTrue, first, yPred, line, log, codes } = row;
  const error = Math.abs(yPred - yTrue);
  return {
    id,
    event_time: new Date(eventTime).toISOString(),
    y_true: yTrue,
    first_y_true: first,
    y_pred: yPred,
    absolute_error: Number.isFinite(error) ? error : null,
    row: line + 1,
    log,
    bins: columns.map((column, i) => ({ feature: column.name, text: placeText(placeOfBin(column, codes[i] ?? 0)) })),
    prediction: null,
  };
}
