import Type, { type Static } from "typebox";
import { Compile } from "typebox/compile";
import type { Delivery, Message } from "../bus/bus.js";
import { isMonitoredReference, MonitoredReferenceSchema } from "../drift/monitored-reference.js";
import { jsonMessage } from "./json-message.js";

/** The `type` property of these messages, and of those that ask for one. */
export const REFERENCE_TYPE = "reference";
export const REFERENCE_REQUEST_TYPE = "reference_request";

/** What its body must look like; JSON Schema. */
export const referenceNoticeSchema = Type.Object(
  { lane: Type.String(), reference: MonitoredReferenceSchema },
  { description: "The reference that the codes of a lane's predictions belong to." },
);
export type ReferenceNotice = Static<typeof referenceNoticeSchema>;
const notices = Compile(referenceNoticeSchema);

export function writeReferenceNotice(notice: ReferenceNotice): Message {
  return jsonMessage(REFERENCE_TYPE, JSON.stringify(notice));
}

/** The reference in a message; undefined if it is no such message. It can be asked for again, so a bad one is passed over. */
export function readReferenceNotice({ type, body }: Delivery): ReferenceNotice | undefined {
  if (type !== REFERENCE_TYPE) return undefined;
  try {
    const notice: unknown = JSON.parse(body.toString("utf8"));
    return notices.Check(notice) && isMonitoredReference(notice.reference) ? notice : undefined;
  } catch {
    return undefined;
  }
}

/** Asks every model to broadcast its reference. */
export function referenceRequest(): Message {
  return {
    body: Buffer.alloc(0),
    contentType: "application/octet-stream",
    type: REFERENCE_REQUEST_TYPE,
    timestamp: Date.now(),
    headers: {},
  };
}
