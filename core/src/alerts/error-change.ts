import Type, { type Static } from "typebox";
import { OVERFLOW } from "../statistics/overflowed.js";

const orNull = (description: string) => Type.Union([Type.Number(), Type.Null()], { description });
const time = (description: string) => Type.Union([Type.String({ format: "date-time" }), Type.Null()], { description });
const row = (description: string) => Type.Integer({ minimum: 0, description });

/** A lasting change of the mean error: what the alarm said that noticed it first. It stays so while the alarm is raised again. */
export const ErrorChangeSchema = Type.Object(
  {
    kind: Type.Union([Type.Literal("worse"), Type.Literal("better")]),
    model: Type.String({ description: "The model version, by name and version." }),
    log: Type.Optional(
      Type.String({ description: "The file of the log that the rows are counted in; left out if the lane has only one." }),
    ),
    since_row: row("The row of the log with which the change began, as estimated."),
    since_time: time("When that row happened."),
    row: row("The row that raised the alarm first."),
    time: time("When that row happened."),
    mean_before: orNull("Mean absolute error before the change."),
    mean_since: orNull("Mean absolute error from the change to the alarm; null if it is beyond 1.8e308."),
    mean_since_low: orNull("Where the 95 % interval of mean_since begins; null if it is not known."),
    mean_since_high: orNull("Where it ends."),
    raised_again: Type.Integer({ minimum: 0, description: "How often the alarm was raised again since." }),
  },
  { description: "A lasting change of the mean error, as the alarm said that noticed it first." },
);

export type ErrorChange = Static<typeof ErrorChangeSchema>;

/**
 * Since when the error is another, from what to what, how sure that is, and when it was noticed. Every place that tells a change says this.
 *
 * @param unit - of the target; empty if it is not known. @returns `about 2026-11-29 05:51:00 UTC (row 4002 of the log): MAE 43.2 before, …`
 */
export function describeChange(change: ErrorChange, unit: string): string {
  const { since_row: sinceRow, since_time: sinceTime, row: noticed, time: noticedTime, log, raised_again: again } = change;
  const since = moment(sinceTime, `row ${sinceRow} of ${log ?? "the log"}`);
  const repeats = again === 0 ? "" : ` Raised again ${again === 1 ? "once" : `${again} times`}.`;
  return `about ${since}: ${describeMeans(change, unit)}. Noticed at ${moment(noticedTime, `row ${noticed}`)}.${repeats}`;
}

type Means = Pick<ErrorChange, "mean_before" | "mean_since" | "mean_since_low" | "mean_since_high">;

function describeMeans(
  { mean_before: before, mean_since: since, mean_since_low: low, mean_since_high: high }: Means,
  unit: string,
): string {
  const of = unit === "" ? "" : ` ${unit}`;
  const interval = low === null || high === null ? "" : ` (95 % interval: ${figure(low)} to ${figure(high)})`;
  return `MAE ${figure(before)}${of} before, ${figure(since)}${since === null ? "" : of} since${interval}`;
}

/** @param at - RFC 3339; null: not known. */
function moment(at: string | null, row: string): string {
  return at === null ? row : `${at.slice(0, 19).replace("T", " ")} UTC (${row})`;
}

/** Five digits are enough to read. */
function figure(value: number | null): string {
  return value === null ? OVERFLOW : String(Number(value.toPrecision(5)));
}

/** The change that was noticed first, by event time; undefined of none. */
export function firstNoticed<Change extends Pick<ErrorChange, "time">>(changes: readonly Change[]): Change | undefined {
  return changes.toSorted((one, other) => timeOf(one) - timeOf(other))[0];
}

function timeOf({ time: at }: Pick<ErrorChange, "time">): number {
  return at === null ? Number.MAX_VALUE : Date.parse(at);
}
