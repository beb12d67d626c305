import { isUtf8 } from "node:buffer";
import { FrameRefusedError } from "./frame.js";

const COLON = 0x3a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * The JSON value in a message's body.
 *
 * @throws FrameRefusedError where it is empty, not UTF-8, begins with a byte order mark, is not JSON, or names a key twice
 * (JSON.parse would keep the last one and say nothing).
 */
export function parseJsonBody(body: Buffer): unknown {
  if (body.length === 0) throw new FrameRefusedError({ reason: "the body is empty" });
  if (body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf) {
    throw new FrameRefusedError({ reason: "the body begins with a byte order mark: send plain UTF-8" });
  }
  if (!isUtf8(body)) throw new FrameRefusedError({ reason: "the body is not UTF-8" });
  let value: unknown;
  try {
    value = JSON.parse(body.toString("utf8"));
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new FrameRefusedError({ reason: `the body is not JSON: ${detail.slice(0, 200)}` }, { cause: error });
  }
  if (countKeys(value) < countKeyColons(body)) throw new FrameRefusedError({ reason: "the body names a key twice" });
  return value;
}

/** Keys of the value and of the objects one level below: deeper ones are in no contract and are refused by its schema. */
function countKeys(value: unknown): number {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return 0;
  let keys = 0;
  for (const inner of Object.values(value)) keys += 1 + countKeys(inner);
  return keys;
}

/** Colons that follow a key. Counting all colons is fast and nearly always enough: only ids with colons make a difference. */
function countKeyColons(body: Buffer): number {
  let colons = 0;
  let quoted = false;
  if (!body.includes("\\")) {
    // Without escapes a quote always begins or ends a string.
    for (let at = body.indexOf(COLON); at >= 0; at = body.indexOf(COLON, at + 1)) {
      let before = at - 1;
      while (before >= 0 && (body[before] ?? 0) <= 0x20) before -= 1;
      if (body[before] === QUOTE) colons += 1;
    }
    return colons;
  }
  for (let at = 0; at < body.length; at += 1) {
    const byte = body[at];
    if (byte === QUOTE) quoted = !quoted;
    else if (quoted && byte === BACKSLASH) at += 1;
    else if (!quoted && byte === COLON) colons += 1;
  }
  return colons;
}
