import Type, { type Static, type TSchema } from "typebox";
import { Compile } from "typebox/compile";
import type { Delivery, Message } from "../bus/bus.js";
import { jsonMessage } from "./json-message.js";

export const COMPARISON_TYPE = "comparison";

const count = (description: string) => Type.Integer({ minimum: 0, description });
const orNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const figure = (description: string) => orNull(Type.Number({ description }));
const Interval = { mean: Type.Number(), lower: Type.Number(), upper: Type.Number() };

/** What its body must look like; JSON Schema. */
export const comparisonSchema = Type.Object(
  {
    champion: Type.String({ maxLength: 128 }),
    challenger: Type.String({ maxLength: 128, description: "The lane that is compared with the champion." }),
    unit: Type.String({ maxLength: 1_000, description: "Of the predicted value; empty if it is not known." }),
    time: Type.Number({ description: "When it was computed, ms since 1970." }),
    is_complete: Type.Boolean({ description: "false: the logs are not yet read to their ends." }),
    rows: count("Rows that both lanes have logged; the figures are of these."),
    missed: count("Rows that the champion has logged and the other lane has not, or not yet."),
    champion_mae: figure("Its mean absolute error; null if there are no rows, or it is beyond 1.8e308."),
    challenger_mae: figure("The same of the other lane."),
    won: count("Rows on which the challenger's error is smaller."),
    lost: count("Rows on which it is larger."),
    tied: count("Rows on which both are the same."),
    difference: orNull(
      Type.Object(Interval, {
        description:
          "Mean of |error of the champion| − |error of the challenger|, above 0 the challenger is better, with its 95 % confidence sequence; null for fewer than 100 rows.",
      }),
    ),
    verdict: Type.Union([Type.Literal("challenger"), Type.Literal("champion"), Type.Literal("open")]),
    verdict_text: Type.String({ maxLength: 1_000, description: "The verdict in words." }),
    difference_text: Type.String({ maxLength: 2_000, description: "The difference in words." }),
    history: Type.Array(Type.Object({ rows: Type.Integer({ minimum: 1 }), ...Interval }), {
      maxItems: 100,
      description: "The difference as it was after so many rows.",
    }),
  },
  { description: "How a lane compares with the champion, on the rows that both have logged." },
);
export type ComparisonNotice = Static<typeof comparisonSchema>;
const comparisons = Compile(comparisonSchema);

export function writeComparison(notice: ComparisonNotice): Message {
  return jsonMessage(COMPARISON_TYPE, JSON.stringify(notice), notice.time);
}

/** The comparison in a message; undefined if it is none. Nothing depends on it, so a bad one is passed over. */
export function readComparison({ type, body }: Delivery): ComparisonNotice | undefined {
  if (type !== COMPARISON_TYPE) return undefined;
  try {
    const notice: unknown = JSON.parse(body.toString("utf8"));
    return comparisons.Check(notice) ? notice : undefined;
  } catch {
    return undefined;
  }
}
