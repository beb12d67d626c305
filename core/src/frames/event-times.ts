import Type from "typebox";
import { quote, type Refusal } from "../refusal.js";
import type { Cell, Column, FeaturesFrame } from "./frame.js";
import type { Ids } from "./ids.js";
import { requireLength } from "./rows-of.js";

/** The name of event times: a property of a frame as an object, a column of a frame as a table. */
export const EVENT_TIME = "event_time";

/** Its type in a table, for people. */
export const EVENT_TIME_TYPE = "int64, in ms since 1970, or timestamp; nullable, and may be left out";

/** A Date holds no more ms before and after 1970. */
const MOST_MS = 8.64e15;

/** When a row happened. */
export const EventTimeSchema = Type.Union([Type.Integer({ minimum: -MOST_MS, maximum: MOST_MS }), Type.Null()], {
  description: "When the row happened, in whole ms since 1970 UTC; null if that is not known. Default: the header origin.",
});
export const EventTimesSchema = Type.Array(EventTimeSchema, { description: "When each row happened." });

/** Whether this is a whole number of ms since 1970 that a Date can hold. */
export function isEventTime(value: unknown): value is number {
  return Number.isInteger(value) && Math.abs(Number(value)) <= MOST_MS;
}

/** Why this is not an event time; undefined if it is one, or null. */
export function eventTimeRefusal(value: unknown, row: number, id: string): Refusal | undefined {
  if (value === null || isEventTime(value)) return undefined;
  const range = Number.isInteger(value) ? " (no date is that far from 1970)" : "";
  return {
    row,
    id,
    field: EVENT_TIME,
    reason: `not an event time, got ${quote(value)}${range}: send whole ms since 1970, such as 1760000000000, or null`,
  };
}

/**
 * Checks the event times of a frame.
 *
 * @param values - as they came: one value an id, null for a row without one; undefined if the frame has none.
 * @param refusals - gets one for each value that is no event time.
 * @returns shape [ids]; NaN for a row without one. Undefined if no row has one.
 * @throws FrameRefusedError if their number is not that of the ids.
 */
export function checkEventTimes(values: ArrayLike<unknown> | undefined, ids: Ids, refusals: Refusal[]): Float64Array | undefined {
  if (values === undefined) return undefined;
  requireLength(EVENT_TIME, values.length, ids.length);
  const times = new Float64Array(values.length);
  for (let row = 0; row < times.length; row += 1) {
    const value = values[row];
    // -0 becomes 0.
    if (isEventTime(value)) times[row] = value + 0;
    else {
      times[row] = Number.NaN;
      const refusal = eventTimeRefusal(value, row, ids.at(row));
      if (refusal !== undefined) refusals.push(refusal);
    }
  }
  return withoutEmpty(times);
}

/** The event times of these rows; undefined if none of them has one. */
export function takeEventTimes(times: Float64Array | undefined, rows: readonly number[]): Float64Array | undefined {
  return times === undefined ? undefined : withoutEmpty(Float64Array.from(rows, (row) => times[row] ?? Number.NaN));
}

function withoutEmpty(times: Float64Array): Float64Array | undefined {
  return times.every(Number.isNaN) ? undefined : times;
}

/** Event times as a column: null for a row without one. */
export function eventTimeColumn(times: Float64Array): Column {
  if (!times.some(Number.isNaN)) return times;
  return Array.from(times, (time): Cell => (Number.isNaN(time) ? null : time));
}

/** A frame's columns, with its event times as one of them unless it has a column of that name: a model may take them as a feature. */
export function featureColumns({ columns, eventTimes }: Pick<FeaturesFrame, "columns" | "eventTimes">): ReadonlyMap<string, Column> {
  if (eventTimes === undefined || columns.has(EVENT_TIME)) return columns;
  return new Map([...columns, [EVENT_TIME, eventTimeColumn(eventTimes)]]);
}
