import Type from "typebox";
import { Compile } from "typebox/compile";
import type { Delivery, Message } from "../bus/bus.js";
import { bodyOf } from "../frames/body-of.js";
import { parseJsonBody } from "../frames/codecs/json-body.js";
import { FrameRefusedError } from "../frames/frame.js";
import { jsonMessage } from "../frames/json-message.js";
import type { Refusal } from "../refusal.js";
import { LaterVersionError, SavedValueError } from "../runtime/saved-value.js";
import { WindowAlarmSchema, type WindowAlarm } from "./window-alarm.js";
import { SavedWindowSchema, WINDOW_FORMAT, type SavedWindow } from "./saved-window.js";

/** Windows as they are now. Each takes the place of what was known of it, unless that has a later epoch or revision. */
export interface WindowMessage {
  readonly lane: string;
  /** The partition of the lane; the name of the lane if it has only one. */
  readonly partition: string;
  /** When the state of the partition was made, ms since 1970: revisions count from there. */
  readonly epoch: number;
  /** The latest event time that is not in the future, ms since 1970: it decides which windows are still kept. */
  readonly watermark: number;
  readonly windows: readonly SavedWindow[];
  /** The alarms that rows of these windows raised. */
  readonly alarms: readonly WindowAlarm[];
}

export const windowMessageSchema = Type.Object(
  {
    lane: Type.String({ maxLength: 256 }),
    partition: Type.String({ maxLength: 256, description: "The partition of the lane; the name of the lane if it has only one." }),
    epoch: Type.Number({ description: "When the state of the partition was made, ms since 1970: revisions count from there." }),
    watermark: Type.Number({
      description: "The latest event time that is not in the future, ms since 1970: it decides which windows are still kept.",
    }),
    windows: Type.Array(SavedWindowSchema),
    alarms: Type.Array(WindowAlarmSchema, { description: "The alarms that rows of these windows raised." }),
  },
  { description: "Windows as they are now. Each takes the place of an earlier revision." },
);
/** What each message has, whichever version of metrics sent it. */
const messages = Compile(
  Type.Object({
    ...windowMessageSchema.properties,
    windows: Type.Array(Type.Unknown()),
    alarms: Type.Optional(Type.Array(Type.Unknown())),
  }),
);
const alarmSchema = Compile(WindowAlarmSchema);

/** The `type` property of these messages, and of those that ask for all windows. */
export const WINDOWS_TYPE = "windows";
export const WINDOW_REQUEST_TYPE = "window_request";

/** Asks every metrics to send all its windows. */
export function windowRequest(): Message {
  return { body: Buffer.alloc(0), contentType: "application/octet-stream", type: WINDOW_REQUEST_TYPE, timestamp: Date.now(), headers: {} };
}

export function writeWindowMessage({ lane, partition, epoch, watermark, windows, alarms }: WindowMessage): Message {
  const head = JSON.stringify({ lane, partition, epoch, watermark: Number.isFinite(watermark) ? watermark : 0, alarms });
  // The format of a window knows how to write what JSON has no number for.
  const body = `${head.slice(0, -1)},"windows":[${windows.map((window) => WINDOW_FORMAT.write(window)).join(",")}]}`;
  return jsonMessage(WINDOWS_TYPE, body);
}

/** A message of windows as it is read. */
export interface ReadWindows extends WindowMessage {
  /** Why windows of it cannot be read; the others are there all the same. */
  readonly refusals: readonly Refusal[];
}

/** Reads the message of any version of metrics, as far as this version can. @throws FrameRefusedError if it is no such message. */
export function readWindowMessage(delivery: Delivery): ReadWindows {
  const value = parseJsonBody(bodyOf(delivery));
  if (!messages.Check(value)) {
    const [first] = messages.Errors(value);
    throw new FrameRefusedError({ reason: `it is no message of windows: ${first?.instancePath ?? ""} ${first?.message ?? ""}` });
  }
  const windows: SavedWindow[] = [];
  const refusals: Refusal[] = [];
  for (const [i, given] of value.windows.entries()) {
    const window = readWindow(given);
    if (typeof window === "string") refusals.push({ field: `windows/${i}`, reason: window });
    else windows.push(window);
  }
  const alarms = (value.alarms ?? []).filter((alarm): alarm is WindowAlarm => alarmSchema.Check(alarm));
  return { ...value, windows, alarms, refusals };
}

/** @returns why it cannot be read, if it cannot. */
function readWindow(given: unknown): SavedWindow | string {
  try {
    return WINDOW_FORMAT.readParsed(given);
  } catch (error) {
    if (error instanceof LaterVersionError)
      return `the window has format ${error.version}, of a later version of metrics; this gateway knows up to ${error.known}: upgrade it, and it asks for all windows again`;
    if (error instanceof SavedValueError) return error.problem;
    throw error;
  }
}
