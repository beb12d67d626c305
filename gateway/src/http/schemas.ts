import { EventTimeSchema, MAX_ID_CHARACTERS } from "@streamgauge/core";
import Type from "typebox";
import { MAX_FEATURES } from "../ingress/row-table.js";

/** An id given by the client. */
export const NewIdSchema = Type.String({ minLength: 1, maxLength: MAX_ID_CHARACTERS, description: "Unique among all rows ever sent." });

export const CellSchema = Type.Union([Type.Number(), Type.String({ maxLength: 1_024 }), Type.Null()], {
  description: "A number; a category if the model wants one; null if it is missing and the model takes that.",
});

export const FeaturesSchema = Type.Record(Type.String({ maxLength: 256 }), CellSchema, {
  minProperties: 1,
  maxProperties: MAX_FEATURES,
  description: "The model's features by name.",
  examples: [{ age: 59, sex: 2, bmi: 32.1, bp: 101, s1: 157, s2: 93.2, s3: 38, s4: 4, s5: 4.8598, s6: 87 }],
});

export const RowSchema = Type.Object(
  { id: Type.Optional(NewIdSchema), features: FeaturesSchema, event_time: Type.Optional(EventTimeSchema) },
  { additionalProperties: false, description: "One row. Without an id it gets one." },
);

/** Makes a retry safe. */
export const IdempotencyHeaders = Type.Object({
  "idempotency-key": Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 256,
      description: "Rows without ids get the same ids when they are sent again with the same key, and count once.",
    }),
  ),
});

export const IdParams = Type.Object({ id: Type.String({ minLength: 1, maxLength: MAX_ID_CHARACTERS }) });

/** Start of the next page, as returned with the previous page. */
export const CursorSchema = Type.String({ maxLength: 512, description: "`next` of the page before." });

export const LimitSchema = Type.Integer({ minimum: 1, maximum: 500, default: 50, description: "How many of them." });

/** How a CSV file says when its rows happened. */
export const timeColumnParameters = {
  time_column: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 128,
      description: "The column of a CSV file that says when each row happened. Default: TIME_COLUMN, else event_time, if the file has it.",
      examples: ["when"],
    }),
  ),
  time_zone: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 64,
      description: "The zone of times without an offset, as a name of the IANA database. Default: TIME_ZONE.",
      examples: ["Europe/Berlin"],
    }),
  ),
};

export const TimeSchema = Type.String({ format: "date-time", maxLength: 40, examples: ["2026-11-28T00:00:00Z"] });
