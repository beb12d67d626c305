import { errorText } from "../../error-text.js";
import { isUtf8 } from "node:buffer";
import { FrameRefusedError } from "../frame.js";
import { requireReadable } from "../readable-body.js";

const COLON = 0x3a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** What some writers put instead of a number. */
const NOT_IN_JSON = /[[,:\s]-?(?:NaN|Infinity)[\s\],}]/;

/**
 * The JSON value in a message's body.
 *
 * @throws FrameRefusedError if it is empty, too large, not UTF-8, begins with a byte order mark, is not JSON, or names
 * a key twice (JSON.parse would keep the last one and say nothing).
 */
export function parseJsonBody(body: Buffer): unknown {
  requireReadable(body);
  if (body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf) {
    throw new FrameRefusedError({ reason: "the body begins with a byte order mark: send plain UTF-8" });
  }
  if (!isUtf8(body)) throw new FrameRefusedError({ reason: "the body is not UTF-8" });
  const text = body.toString("utf8");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const detail = errorText(error);
    const hint = NOT_IN_JSON.test(text) ? "; JSON has no NaN and no Infinity" : "";
    throw new FrameRefusedError({ reason: `the body is not JSON: ${detail.slice(0, 200)}${hint}` }, { cause: error });
  }
  if (namesKeyTwice(body, value)) throw new FrameRefusedError({ reason: "the body names a key twice" });
  return value;
}

/** Every key is followed by a colon: more colons than keys are left means that some keys were the same. */
function namesKeyTwice(body: Buffer, value: unknown): boolean {
  // Almost always one of these agrees. What makes them differ is looked at closely.
  const likely = likelyKeys(body);
  if (likely === shallowKeys(value)) return false;
  const keys = keysOf(value);
  return likely !== keys && keysIn(body) > keys;
}

/** In fewer bytes a loop finds a colon sooner than a call into the runtime. */
const FEW_BYTES = 1024;

/** Colons behind a quote: keys, and a string that begins with a colon. */
function likelyKeys(body: Buffer): number {
  let colons = 0;
  for (let at = nextColon(body, 0); at >= 0; at = nextColon(body, at + 1)) {
    let before = at - 1;
    while (before >= 0 && (body[before] ?? 0) <= 0x20) before -= 1;
    if (body[before] === QUOTE) colons += 1;
  }
  return colons;
}

/** @returns where the next colon is; -1 if there is none. */
function nextColon(body: Buffer, from: number): number {
  if (body.length > FEW_BYTES) return body.indexOf(COLON, from);
  for (let at = from; at < body.length; at += 1) if (body[at] === COLON) return at;
  return -1;
}

/** Keys of the value and of the objects in it, one level down, which is as deep as a contract goes. */
function shallowKeys(value: unknown): number {
  if (!isObject(value)) return 0;
  let keys = 0;
  for (const inner of Object.values(value)) keys += isObject(inner) ? 1 + Object.keys(inner).length : 1;
  return keys;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Colons outside of strings. */
function keysIn(body: Buffer): number {
  let colons = 0;
  let quoted = false;
  for (let at = 0; at < body.length; at += 1) {
    const byte = body[at];
    if (byte === QUOTE) quoted = !quoted;
    else if (quoted && byte === BACKSLASH) at += 1;
    else if (!quoted && byte === COLON) colons += 1;
  }
  return colons;
}

/** Keys of all objects in a value, however deep: without recursion, which a deep one would exhaust. */
function keysOf(value: unknown): number {
  let keys = 0;
  const open = [value];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next !== "object" || next === null) continue;
    // A list may be long: its values are not copied.
    const parts: readonly unknown[] = Array.isArray(next) ? next : Object.values(next);
    if (!Array.isArray(next)) keys += parts.length;
    for (let i = 0; i < parts.length; i += 1) if (typeof parts[i] === "object") open.push(parts[i]);
  }
  return keys;
}
