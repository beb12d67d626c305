import type { Delivery, HeaderValue } from "../bus/bus.js";
import { quote } from "../refusal.js";
import { isEventTime } from "./event-times.js";
import { FRAME_HEADER, FrameRefusedError, type Correction } from "./frame.js";

export const MAX_WHO_CHARACTERS = 128;

/** What the header `correction` may be: a number, what AMQP has for true, or the same as text. */
const YES: readonly unknown[] = [1, true, "1", "true"];

/** Whether a frame of labels is a correction, and whose; undefined if it is none. @throws FrameRefusedError if the headers are wrong. */
export function correctionIn({ headers, appId, timestamp }: Delivery): Correction | undefined {
  const flag = headers[FRAME_HEADER.correction];
  if (flag === undefined) return undefined;
  if (!YES.includes(flag)) {
    throw new FrameRefusedError({
      field: FRAME_HEADER.correction,
      reason: `the header ${FRAME_HEADER.correction} is ${quote(flag)}: send 1 to correct labels, or leave the header out`,
    });
  }
  const who = headers[FRAME_HEADER.who] ?? appId ?? "";
  if (typeof who !== "string" || who.length > MAX_WHO_CHARACTERS) {
    throw new FrameRefusedError({
      field: FRAME_HEADER.who,
      reason: `the header ${FRAME_HEADER.who} is ${quote(who)}: send a text of at most ${MAX_WHO_CHARACTERS} characters, or leave it out`,
    });
  }
  const origin = headers[FRAME_HEADER.origin];
  const at = typeof origin === "number" ? Math.round(origin) : timestamp;
  return { who, at: isEventTime(at) ? at : undefined };
}

/** The headers of a correction; none of other labels. */
export function correctionHeaders(correction: Correction | undefined): Record<string, HeaderValue> {
  if (correction === undefined) return {};
  return { [FRAME_HEADER.correction]: 1, ...(correction.who === "" ? {} : { [FRAME_HEADER.who]: correction.who }) };
}
