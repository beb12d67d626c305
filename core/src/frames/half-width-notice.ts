import Type, { type Static } from "typebox";
import { Compile } from "typebox/compile";
import type { Delivery, Message } from "../bus/bus.js";
import { jsonMessage } from "./json-message.js";

/** The `type` property of these messages, and of those that ask for one. */
export const HALF_WIDTHS_TYPE = "half_widths";
export const HALF_WIDTH_REQUEST_TYPE = "half_width_request";

/** What its body must look like; JSON Schema. */
export const halfWidthsSchema = Type.Object(
  {
    lane: Type.String(),
    partition: Type.Optional(
      Type.String({ description: "The partition of the lane whose rows they are for; left out if it has only one." }),
    ),
    coverage: Type.Number({ description: "The share of rows whose interval is to hold the label." }),
    half_widths: Type.Array(
      Type.Object({
        model: Type.String({ description: "The model version, by name and version." }),
        half_width: Type.Number({ minimum: 0, description: "The interval of its predictions from now on is y_pred ± half_width." }),
      }),
      { description: "The versions that have a width, the one used last at the end." },
    ),
  },
  { description: "The half widths that a lane's model attaches to its predictions." },
);
export type HalfWidthNotice = Static<typeof halfWidthsSchema>;
const notices = Compile(halfWidthsSchema);

export function writeHalfWidths(notice: HalfWidthNotice): Message {
  return jsonMessage(HALF_WIDTHS_TYPE, JSON.stringify(notice));
}

/** The half widths in a message; undefined if it is no such message. Without one predictions have no interval, so a bad one is passed over. */
export function readHalfWidths({ type, body }: Delivery): HalfWidthNotice | undefined {
  if (type !== HALF_WIDTHS_TYPE) return undefined;
  try {
    const notice: unknown = JSON.parse(body.toString("utf8"));
    return notices.Check(notice) ? notice : undefined;
  } catch {
    return undefined;
  }
}

/** Asks every metrics to broadcast its half widths. */
export function halfWidthRequest(): Message {
  return {
    body: Buffer.alloc(0),
    contentType: "application/octet-stream",
    type: HALF_WIDTH_REQUEST_TYPE,
    timestamp: Date.now(),
    headers: {},
  };
}
