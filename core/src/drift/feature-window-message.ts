import Type from "typebox";
import { Compile } from "typebox/compile";
import type { Delivery, Message } from "../bus/bus.js";
import { bodyOf } from "../frames/body-of.js";
import { parseJsonBody } from "../frames/codecs/json-body.js";
import { FrameRefusedError } from "../frames/frame.js";
import { jsonMessage } from "../frames/json-message.js";
import type { Refusal } from "../refusal.js";
import { LaterVersionError, SavedValueError } from "../runtime/saved-value.js";
import { CodeLayout } from "./code-layout.js";
import { isMonitoredReference, MonitoredReferenceSchema, type MonitoredReference } from "./monitored-reference.js";
import { FEATURE_WINDOW_FORMAT, SavedFeatureWindowSchema, type SavedFeatureWindow } from "./saved-feature-window.js";

/** Windows of features as they are now. Each takes the place of what was known of it, unless that has a later epoch or revision. */
export interface FeatureWindowMessage {
  readonly lane: string;
  /** The partition of the lane; the name of the lane if it has only one. */
  readonly partition: string;
  /** When the state of the partition was made, ms since 1970: revisions count from there. */
  readonly epoch: number;
  /** The latest event time that is not in the future, ms since 1970: windows more than 90 days before are no longer kept. */
  readonly watermark: number;
  /** Those of the windows, as far as they are known. */
  readonly references: readonly MonitoredReference[];
  readonly windows: readonly SavedFeatureWindow[];
}

const partition = {
  lane: Type.String({ maxLength: 256 }),
  partition: Type.String({ maxLength: 256, description: "The partition of the lane; the name of the lane if it has only one." }),
  epoch: Type.Number({ description: "When the state of the partition was made, ms since 1970: revisions count from there." }),
  watermark: Type.Number({ description: "The latest event time that is not in the future, ms since 1970." }),
};

export const featureWindowMessageSchema = Type.Object(
  {
    ...partition,
    references: Type.Array(MonitoredReferenceSchema, { description: "Those of the windows, as far as they are known." }),
    windows: Type.Array(SavedFeatureWindowSchema),
  },
  { description: "Windows of features as they are now. Each takes the place of an earlier revision." },
);
/** What each message has, whichever version of metrics sent it. */
const messages = Compile(Type.Object({ ...partition, references: Type.Array(Type.Unknown()), windows: Type.Array(Type.Unknown()) }));

/** The `type` property of these messages. */
export const FEATURE_WINDOWS_TYPE = "feature_windows";

export function writeFeatureWindows({ watermark, ...message }: FeatureWindowMessage): Message {
  return jsonMessage(FEATURE_WINDOWS_TYPE, JSON.stringify({ ...message, watermark: Number.isFinite(watermark) ? watermark : 0 }));
}

/** A message of windows as it is read. */
export interface ReadFeatureWindows extends FeatureWindowMessage {
  /** Why windows of it cannot be read; the others are there all the same. */
  readonly refusals: readonly Refusal[];
}

/** Reads the message of any version of metrics, as far as this version can. @throws FrameRefusedError if it is no such message. */
export function readFeatureWindows(delivery: Delivery): ReadFeatureWindows {
  const value = parseJsonBody(bodyOf(delivery));
  if (!messages.Check(value)) {
    const [first] = messages.Errors(value);
    throw new FrameRefusedError({ reason: `it is no message of feature windows: ${first?.instancePath ?? ""} ${first?.message ?? ""}` });
  }
  const windows: SavedFeatureWindow[] = [];
  const refusals: Refusal[] = [];
  for (const [i, given] of value.windows.entries()) {
    const window = readWindow(given);
    if (typeof window === "string") refusals.push({ field: `windows/${i}`, reason: window });
    else windows.push(window);
  }
  return { ...value, references: value.references.filter(isMonitoredReference), windows, refusals };
}

/** @returns why it cannot be read, if it cannot. */
function readWindow(given: unknown): SavedFeatureWindow | string {
  try {
    const window = FEATURE_WINDOW_FORMAT.readParsed(given);
    return CodeLayout.read(window.layout) === undefined ? `its layout is ${window.layout.slice(0, 100)}` : window;
  } catch (error) {
    if (error instanceof LaterVersionError)
      return `the window has format ${error.version}, of a later version of metrics; this program knows up to ${error.known}: upgrade it`;
    if (error instanceof SavedValueError) return error.problem;
    throw error;
  }
}
