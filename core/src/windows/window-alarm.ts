import Type, { type Static } from "typebox";

const figure = (description: string) => Type.Union([Type.Number(), Type.Null()], { description });

/** An alarm that a row of a window raised. */
export const WindowAlarmSchema = Type.Object(
  {
    kind: Type.Union([Type.Literal("worse"), Type.Literal("better")]),
    model: Type.String({ description: "The model version, by name and version." }),
    log: Type.Optional(
      Type.String({ description: "The file of the log that the rows are counted in; left out if the lane has only one." }),
    ),
    row: Type.Integer({ description: "The row of the log that raised it, counted from 1: line row + 1 of the file." }),
    time: Type.Number({ description: "When that row happened, ms since 1970." }),
    since_row: Type.Integer({ description: "The row with which the change began, as estimated." }),
    since_time: figure("When that row happened, ms since 1970."),
    mean_before: figure("Mean absolute error of the reference and of the rows since the last alarm, before the change."),
    mean_since: figure("Mean absolute error since."),
  },
  { description: "An alarm on the error." },
);

export type WindowAlarm = Static<typeof WindowAlarmSchema>;

/** The alarms that rows of a window raised. @param start - of the window, ms since 1970. @param end - the first moment after it. */
export function alarmsWithin(alarms: readonly WindowAlarm[], start: number, end: number): WindowAlarm[] {
  return alarms.filter(({ time }) => time >= start && time < end);
}
