import type { Address, HeaderValue, Message } from "../bus.js";
import type { FrameBuffer } from "./frame-buffer.js";

/** AMQP 0-9-1, 2.3.5: kinds of frame, and the octet at the end of each. */
const METHOD = 1;
const HEADER = 2;
const BODY = 3;
const FRAME_END = 0xce;
/** Octets of a frame around its payload. */
const AROUND = 8;
/** Class basic, and its method publish. */
const BASIC = 60;
const PUBLISH = 40;
const MANDATORY = 1;
const PERSISTENT = 2;

/** Bits for the properties of the class basic, in the order in which they are written. */
const HAS = {
  contentType: 1 << 15,
  contentEncoding: 1 << 14,
  headers: 1 << 13,
  deliveryMode: 1 << 12,
  messageId: 1 << 7,
  timestamp: 1 << 6,
  type: 1 << 5,
  appId: 1 << 3,
};

/** What the frames of a message need beside it. */
export interface Envelope {
  /** The channel's number. */
  readonly channel: number;
  readonly to: Address;
  readonly messageId: string;
  readonly appId: string;
  /** The largest frame that the broker takes, in bytes. */
  readonly frameMax: number;
}

/**
 * Writes the frames of a mandatory, persistent publish up to its body, which `writeBody` adds.
 *
 * @throws RangeError or TypeError if a property or a header cannot be carried; what was written until then is left to the caller.
 */
export function writePublish(frames: FrameBuffer, message: Message, { channel, to, messageId, appId, frameMax }: Envelope): void {
  const method = begin(frames, METHOD, channel);
  frames.short(BASIC);
  frames.short(PUBLISH);
  // Reserved.
  frames.short(0);
  frames.shortString(to.exchange);
  frames.shortString(to.routingKey);
  frames.octet(MANDATORY);
  end(frames, method);
  const header = begin(frames, HEADER, channel);
  frames.short(BASIC);
  // The weight, which is not used.
  frames.short(0);
  frames.longLong(message.body.length);
  writeProperties(frames, message, messageId, appId);
  const bytes = end(frames, header);
  if (bytes > frameMax) throw new RangeError(`its properties and headers have ${bytes} bytes, and the broker takes ${frameMax}`);
}

/** Properties that are left out stay away. */
function writeProperties(frames: FrameBuffer, message: Message, messageId: string, appId: string): void {
  const { contentType, contentEncoding, type, timestamp, headers } = message;
  let flags = HAS.headers | HAS.deliveryMode | HAS.messageId | HAS.appId;
  if (contentType !== "") flags |= HAS.contentType;
  if (contentEncoding !== undefined) flags |= HAS.contentEncoding;
  if (timestamp !== undefined) flags |= HAS.timestamp;
  if (type !== "") flags |= HAS.type;
  frames.short(flags);
  if (contentType !== "") frames.shortString(contentType);
  if (contentEncoding !== undefined) frames.shortString(contentEncoding);
  writeTable(frames, headers);
  frames.octet(PERSISTENT);
  frames.shortString(messageId);
  if (timestamp !== undefined) frames.longLong(Math.floor(timestamp / 1000));
  if (type !== "") frames.shortString(type);
  frames.shortString(appId);
}

function writeTable(frames: FrameBuffer, headers: Readonly<Record<string, HeaderValue>>): void {
  const at = frames.length;
  frames.long(0);
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined) continue;
    frames.shortString(name);
    writeValue(frames, name, value);
  }
  frames.setLong(at, frames.length - at - 4);
}

/** A whole number in the fewest bytes, as other clients do. */
function writeValue(frames: FrameBuffer, name: string, value: HeaderValue): void {
  if (typeof value === "string") {
    frames.octet(CODE.string);
    frames.longString(value);
  } else if (typeof value === "boolean") {
    frames.octet(CODE.boolean);
    frames.octet(value ? 1 : 0);
  } else if (typeof value !== "number") {
    throw new TypeError(`the header ${name} is neither a text nor a number nor a truth value`);
  } else if (!Number.isSafeInteger(value)) {
    frames.octet(CODE.double);
    frames.double(value);
  } else if (value >= -0x80 && value < 0x80) {
    frames.octet(CODE.octet);
    frames.octet(value);
  } else if (value >= -(2 ** 31) && value < 2 ** 31) {
    frames.octet(CODE.long);
    frames.long(value);
  } else {
    frames.octet(CODE.longLong);
    frames.longLong(value);
  }
}

/** Kinds of field values, as RabbitMQ has them. */
const CODE = {
  boolean: "t".charCodeAt(0),
  octet: "b".charCodeAt(0),
  long: "I".charCodeAt(0),
  longLong: "l".charCodeAt(0),
  double: "d".charCodeAt(0),
  string: "S".charCodeAt(0),
};

/** A body in as many parts as it needs frames; an empty one needs none. */
export function bodyParts(body: Buffer, frameMax: number): readonly Buffer[] {
  const most = frameMax - AROUND;
  if (body.length > 0 && body.length <= most) return [body];
  return Array.from({ length: Math.ceil(body.length / most) }, (_, i) => body.subarray(i * most, (i + 1) * most));
}

/** Writes the begin of the frame of a part of a body. */
export function beginBody(frames: FrameBuffer, channel: number, bytes: number): void {
  frames.setLong(begin(frames, BODY, channel) + 3, bytes);
}

/** Writes the end of a frame of the body. */
export function endBody(frames: FrameBuffer): void {
  frames.octet(FRAME_END);
}

/** @returns where it begins. */
function begin(frames: FrameBuffer, kind: number, channel: number): number {
  const at = frames.length;
  frames.octet(kind);
  frames.short(channel);
  frames.long(0);
  return at;
}

/** @returns how many bytes the frame has. */
function end(frames: FrameBuffer, at: number): number {
  frames.setLong(at + 3, frames.length - at - AROUND + 1);
  frames.octet(FRAME_END);
  return frames.length - at;
}
