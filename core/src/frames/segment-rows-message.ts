import Type, { type Static } from "typebox";
import { Compile } from "typebox/compile";
import type { Delivery, Message } from "../bus/bus.js";
import { MOST_SEGMENT_ROWS, RowOrderSchema } from "../segments/segment-row.js";
import { jsonMessage } from "./json-message.js";

/** The `type` property of these messages, and of those that ask for them. */
export const SEGMENT_ROWS_TYPE = "segment_rows";
export const SEGMENT_ROWS_REQUEST_TYPE = "segment_rows_request";

const bound = (description: string) => Type.Union([Type.Number(), Type.Null()], { description });
const request = Type.String({ minLength: 1, maxLength: 64, description: "Its answers have it." });

/** What a request's body must look like; JSON Schema. */
export const segmentRowsRequestSchema = Type.Object(
  {
    request,
    lane: Type.String(),
    model: Type.String({ description: "The model version." }),
    layout: Type.String({ description: "Of its codes." }),
    where: Type.Array(
      Type.Object({ column: Type.Integer({ minimum: 0 }), codes: Type.Array(Type.Integer({ minimum: 0, maximum: 255 })) }),
      {
        minItems: 1,
        description: "A row is in the segment if it has one of the codes in each of these columns.",
      },
    ),
    from: bound("Rows of hours of event time that begin at this time or later, ms since 1970; null: no bound."),
    to: bound("Rows of hours that begin before this time; null: no bound."),
    order: RowOrderSchema,
    limit: Type.Integer({ minimum: 1, maximum: MOST_SEGMENT_ROWS }),
  },
  { description: "Asks metrics for labelled rows of a segment." },
);
export type SegmentRowsRequest = Static<typeof segmentRowsRequestSchema>;

/** What an answer's body must look like; JSON Schema. */
export const segmentRowsSchema = Type.Object(
  {
    request,
    lane: Type.String(),
    partition: Type.String({ description: "The partition of the lane that answers." }),
    count: Type.Integer({ minimum: 0, description: "Its rows of the segment." }),
    lookedAt: Type.Integer({ minimum: 0, description: "Lines of the log that were looked at, the latest ones." }),
    isWhole: Type.Boolean({ description: "Whether these are all lines with codes." }),
    rows: Type.Array(
      Type.Object({
        id: Type.String(),
        line: Type.Integer({ minimum: 0, description: "The number of its line, from 0." }),
        eventTime: Type.Number({ description: "ms since 1970." }),
        first: Type.Number({ description: "The label in the log." }),
        yTrue: Type.Number({ description: "The label in force." }),
        yPred: Type.Number(),
        codes: Type.Array(Type.Integer({ minimum: 0, maximum: 255 })),
      }),
      { maxItems: MOST_SEGMENT_ROWS },
    ),
  },
  { description: "Labelled rows of a segment in one partition." },
);
export type SegmentRowsAnswer = Static<typeof segmentRowsSchema>;

const requests = Compile(segmentRowsRequestSchema);
const answers = Compile(segmentRowsSchema);

export function writeSegmentRowsRequest(asked: SegmentRowsRequest): Message {
  return messageOf(SEGMENT_ROWS_REQUEST_TYPE, asked);
}

export function writeSegmentRows(answer: SegmentRowsAnswer): Message {
  return messageOf(SEGMENT_ROWS_TYPE, answer);
}

function messageOf(type: string, body: SegmentRowsRequest | SegmentRowsAnswer): Message {
  return jsonMessage(type, JSON.stringify(body));
}

/** The request in a message; undefined if it is no such message. One that cannot be read has no answer. */
export function readSegmentRowsRequest({ type, body }: Pick<Delivery, "type" | "body">): SegmentRowsRequest | undefined {
  const value = type === SEGMENT_ROWS_REQUEST_TYPE ? jsonIn(body) : undefined;
  return requests.Check(value) ? value : undefined;
}

/** The answer in a message; undefined if it is no such message, or cannot be read. */
export function readSegmentRows({ type, body }: Pick<Delivery, "type" | "body">): SegmentRowsAnswer | undefined {
  const value = type === SEGMENT_ROWS_TYPE ? jsonIn(body) : undefined;
  return answers.Check(value) ? value : undefined;
}

function jsonIn(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}
