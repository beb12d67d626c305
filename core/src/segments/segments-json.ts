import Type, { type Static } from "typebox";
import type { MonitoredReference } from "../drift/index.js";
import type { Sums } from "./bin-sums.js";
import { SEGMENT_TOLERANCE } from "./evidence.js";
import { placesOf, PlaceSchema, placesText } from "./place.js";
import { LEAST_SEGMENT_ROWS, SEGMENT_RISK, type Segment, type Segments } from "./segments.js";

/** Segments that are listed, unless more stand out. */
const LISTED = 20;
/** The most that are listed. */
const MOST_LISTED = 100;

const figure = (description: string) => Type.Union([Type.Number(), Type.Null()], { description });
const count = (description: string) => Type.Integer({ minimum: 0, description });
const time = (description: string) => Type.String({ format: "date-time", description });

const SegmentSchema = Type.Object({
  text: Type.String({ description: "The same in words.", examples: ["bmi 24.5 to 26.3"] }),
  where: Type.Array(PlaceSchema, { description: "The values that its rows have: of one feature, or of two." }),
  rows: count("Rows with a label; those of the sample if it is sampled."),
  sampled: Type.Boolean({ description: "Whether only a sample of its rows is counted: of two features, if rows came fast." }),
  mae: figure("Their mean absolute error."),
  bias: figure("Their mean error, e = y_pred − y_true."),
  compared_mae: figure("The mean absolute error that it is compared with: of all other rows, or its own in the earlier windows."),
  excess: figure("Σ|e| beyond that at compared_mae, of all its rows: an estimate if it is sampled."),
  share: figure("Its excess over that of all rows; over Σ|e| of all rows if there are no earlier windows."),
  e_value: Type.Number({
    minimum: 0,
    description: "Of the hypothesis that its errors are like those of other rows: 1 without evidence against it.",
  }),
  stands_out: Type.Boolean({
    description: `Whether it is worse, and not by chance: by e-BH, of those that stand out at most ${100 * SEGMENT_RISK} % do so wrongly on average; and by more than ${100 * SEGMENT_TOLERANCE} %.`,
  }),
});

/** Where the error is. */
export const SegmentsSchema = Type.Object(
  {
    model: Type.String({ description: "The model version." }),
    reference: Type.String({ description: "The hash of the reference whose bins are used." }),
    start: time("Where the first hour begins."),
    end: time("Where the last one ends."),
    hours: count("Hours with labelled rows."),
    rows: count("Rows with a label."),
    mae: figure("Their mean absolute error."),
    earlier: Type.Union(
      [
        Type.Object({
          start: time("Where the first hour begins."),
          end: time("Where the last one ends."),
          hours: count("Hours with labelled rows."),
          rows: count("Rows with a label."),
          mae: figure("Their mean absolute error."),
        }),
        Type.Null(),
      ],
      { description: "The windows that segments are compared with; null: each is compared with all other rows." },
    ),
    excess: figure("Σ|e| of all rows beyond that at the MAE of the earlier windows; null without them."),
    tested: count(`Segments with at least ${LEAST_SEGMENT_ROWS} rows.`),
    standing_out: count("How many of them stand out."),
    next_e_value: Type.Number({
      minimum: 0,
      description: `With this e-value one more segment of one feature would stand out, if it is worse by more than ${100 * SEGMENT_TOLERANCE} %.`,
    }),
    segments: Type.Array(SegmentSchema, {
      description: `Those that stand out, then others of one feature; within both the greatest excess first. At most ${LISTED}, or up to ${MOST_LISTED} that stand out.`,
    }),
  },
  { description: "Where the error is: rows that share values of a feature, or of two." },
);

export type SegmentsJson = Static<typeof SegmentsSchema>;
export type SegmentJson = SegmentsJson["segments"][number];

/** The hours that were looked at. */
export interface HoursSeen {
  /** ms since 1970. */
  readonly start: number;
  readonly end: number;
  /** With labelled rows. */
  readonly hours: number;
}

/** What was looked at, and what was found. */
export interface FoundSegments {
  readonly model: string;
  readonly reference: MonitoredReference;
  readonly seen: HoursSeen;
  readonly earlier: HoursSeen | undefined;
  readonly found: Segments;
}

export function segmentsJson({ model, reference, seen, earlier, found }: FoundSegments): SegmentsJson {
  const { all, segments, tested } = found;
  const excess = found.earlier === undefined ? undefined : all.absolute - all.rows * meanOf(found.earlier);
  const whole = excess ?? all.absolute;
  const standing = segments.filter(({ standsOut }) => standsOut);
  const listed = segments.filter(isWorthListing).slice(0, Math.min(MOST_LISTED, Math.max(LISTED, standing.length)));
  return {
    model,
    reference: reference.hash,
    ...hoursJson(seen, all),
    earlier: earlier === undefined || found.earlier === undefined ? null : hoursJson(earlier, found.earlier),
    excess: finite(excess),
    tested,
    standing_out: standing.length,
    next_e_value: found.nextEValue,
    segments: listed.map((segment) => segmentJson(reference, segment, whole)),
  };
}

/** Of hundreds of pairs, scaled up from a sample, those with the greatest excess are those that chance made so. */
function isWorthListing({ excess, standsOut, where }: Segment): boolean {
  return standsOut || (excess > 0 && where.length === 1);
}

function hoursJson({ start, end, hours }: HoursSeen, all: Sums) {
  return { start: new Date(start).toISOString(), end: new Date(end).toISOString(), hours, rows: all.rows, mae: finite(meanOf(all)) };
}

function segmentJson(reference: MonitoredReference, segment: Segment, whole: number): SegmentJson {
  const { sums, isSampled, baseline, excess, eValue, standsOut } = segment;
  const where = placesOf(reference, segment);
  return {
    text: placesText(where),
    where,
    rows: sums.rows,
    sampled: isSampled,
    mae: finite(meanOf(sums)),
    bias: finite(sums.errors / sums.rows),
    compared_mae: finite(baseline),
    excess: finite(excess),
    share: whole > 0 ? finite(excess / whole) : null,
    e_value: eValue,
    stands_out: standsOut,
  };
}

function meanOf({ rows, absolute }: Sums): number {
  return absolute / rows;
}

function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}
