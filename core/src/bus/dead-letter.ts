import { describeRefusals, type Refusal } from "../refusal.js";
import type { Delivery, HeaderValue, Message } from "./bus.js";
import { DEAD_HEADER } from "./dead-header.js";
import { reasonsMessage, writeReasons } from "./refused-rows.js";

/** RabbitMQ's own bookkeeping; 4.x refuses or overwrites it on a message that is published anew. */
const BROKER_HEADERS = /^x-(death|first-death-|last-death-|delivery-count|acquired-count|opt-)/;

/** amqplib sends at most 64 KiB of headers; what is added here must fit as well. */
const MAX_HEADER_BYTES = 40 * 1024;
const MAX_OMITTED_CHARACTERS = 1_000;

/**
 * The message whole, with why, where and when it was refused; and the messages that follow it with the reasons of its rows, if
 * these are too many for a header.
 */
export function deadLettersOf(
  delivery: Delivery,
  refusals: readonly Refusal[],
  stage: string,
  now: Date,
): readonly [letter: Message, ...following: Message[]] {
  const message = resendable(delivery);
  const { [DEAD_HEADER.following]: _ofBefore, ...headers } = message.headers;
  const { header, bodies } = writeReasons(refusals);
  const dead = {
    [DEAD_HEADER.reason]: describeRefusals(refusals),
    [DEAD_HEADER.stage]: stage,
    [DEAD_HEADER.time]: now.toISOString(),
    [DEAD_HEADER.exchange]: delivery.source.exchange,
    [DEAD_HEADER.routingKey]: delivery.source.routingKey,
    [DEAD_HEADER.queue]: delivery.source.queue,
    ...(delivery.messageId === undefined ? {} : { [DEAD_HEADER.messageId]: delivery.messageId }),
    ...(delivery.appId === undefined ? {} : { [DEAD_HEADER.appId]: delivery.appId }),
  };
  const following = bodies.length === 0 ? {} : { [DEAD_HEADER.following]: String(bodies.length) };
  return [
    { ...message, headers: { ...headers, ...dead, [DEAD_HEADER.refusals]: header, ...following } },
    ...bodies.map((body) => reasonsMessage(body, dead)),
  ];
}

/**
 * A delivery as a message that can be sent again: its own body and properties, without the broker's bookkeeping.
 * Headers above 40 KiB in all, the largest first, are left out and named.
 */
export function resendable(delivery: Delivery): Message {
  const sizes = Object.entries(delivery.headers)
    .filter(([name]) => !BROKER_HEADERS.test(name))
    .map(([name, value]) => [name, sendable(value)] as const)
    .filter((header): header is [string, HeaderValue] => header[1] !== undefined)
    .map(([name, value]) => ({ name, value, bytes: Buffer.byteLength(name) + Buffer.byteLength(String(value)) }));
  const headers: Record<string, HeaderValue> = {};
  const omitted: string[] = [];
  let room = MAX_HEADER_BYTES;
  for (const { name, value, bytes } of sizes.toSorted((one, other) => one.bytes - other.bytes)) {
    room -= bytes;
    if (room >= 0) headers[name] = value;
    else omitted.push(name);
  }
  if (omitted.length > 0) headers[DEAD_HEADER.omitted] = omitted.join(", ").slice(0, MAX_OMITTED_CHARACTERS);
  return {
    body: delivery.body,
    contentType: delivery.contentType ?? "",
    ...(delivery.contentEncoding === undefined ? {} : { contentEncoding: delivery.contentEncoding }),
    type: delivery.type ?? "",
    ...(delivery.timestamp === undefined ? {} : { timestamp: delivery.timestamp }),
    headers,
  };
}

/** A header's value in a form that survives being sent; undefined for none. */
function sendable(value: unknown): HeaderValue | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") return isSendable(value) ? value : String(value);
  return JSON.stringify(value);
}

/** amqplib writes a number of 2^50 or more, and each that is not finite, as an integer of 64 bits, and fails if it is not one. */
function isSendable(value: number): boolean {
  return Math.abs(value) < 2 ** 50 || (Number.isInteger(value) && value >= -(2 ** 63));
}
