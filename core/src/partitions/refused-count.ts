import Type, { type Static } from "typebox";
import { Compile } from "typebox/compile";
import type { Delivery, Message } from "../bus/bus.js";
import { jsonMessage } from "../frames/json-message.js";

/** The `type` property of these messages. */
const REFUSED_COUNT_TYPE = "refused_count";

const refusedCount = Type.Object({
  rows: Type.Integer({ minimum: 1 }),
  /** Whether they were corrections of labels. */
  correction: Type.Boolean(),
});
/** How many rows of one message were refused before they came to a partition. */
export type RefusedCount = Static<typeof refusedCount>;
const counts = Compile(refusedCount);

/** The message by which a splitter, which keeps nothing itself, has a partition count rows that it refused. */
export function writeRefusedCount(count: RefusedCount): Message {
  return jsonMessage(REFUSED_COUNT_TYPE, JSON.stringify(count));
}

/** The count in a message; undefined if it is another message. */
export function readRefusedCount({ type, body }: Pick<Delivery, "type" | "body">): RefusedCount | undefined {
  if (type !== REFUSED_COUNT_TYPE) return undefined;
  try {
    const value: unknown = JSON.parse(body.toString("utf8"));
    return counts.Check(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
