import { describeRefusals, type Refusal } from "../refusal.js";
import type { Delivery, HeaderValue, Message } from "./bus.js";

/** Headers of a dead letter, beside those that the message had. */
export const DEAD_HEADER = {
  /** What is wrong with it, row by row. */
  reason: "dead-reason",
  /** The service that refused it. */
  stage: "dead-stage",
  /** When, ISO 8601. */
  time: "dead-time",
  /** Where it was sent to first, for the way back. */
  exchange: "dead-exchange",
  routingKey: "dead-routing-key",
  queue: "dead-queue",
  /** Its own messageId and appId: a dead letter is a new message of the service that refused it. */
  messageId: "dead-message-id",
  appId: "dead-app-id",
  /** Names of headers that it had and that are too large to be sent on. */
  omitted: "dead-omitted-headers",
} as const;

/** RabbitMQ's own bookkeeping; 4.x refuses or overwrites it on a message that is published anew. */
const BROKER_HEADERS = /^x-(death|first-death-|last-death-|delivery-count|acquired-count|opt-)/;

/** amqplib sends at most 64 KiB of headers; what is added here must fit as well. */
const MAX_HEADER_BYTES = 48 * 1024;
const MAX_OMITTED_CHARACTERS = 1_000;

/** The message whole, with why, where and when it was refused. */
export function deadLetterOf(delivery: Delivery, refusals: readonly Refusal[], stage: string, now: Date): Message {
  const message = messageOf(delivery);
  return {
    ...message,
    headers: {
      ...message.headers,
      [DEAD_HEADER.reason]: describeRefusals(refusals),
      [DEAD_HEADER.stage]: stage,
      [DEAD_HEADER.time]: now.toISOString(),
      [DEAD_HEADER.exchange]: delivery.source.exchange,
      [DEAD_HEADER.routingKey]: delivery.source.routingKey,
      [DEAD_HEADER.queue]: delivery.source.queue,
      ...(delivery.messageId === undefined ? {} : { [DEAD_HEADER.messageId]: delivery.messageId }),
      ...(delivery.appId === undefined ? {} : { [DEAD_HEADER.appId]: delivery.appId }),
    },
  };
}

/**
 * A delivery as a message that can be sent again: its own body and properties, without the broker's bookkeeping.
 * Headers above 48 KiB in all, the largest first, are left out and named.
 */
export function messageOf(delivery: Delivery): Message {
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

/** amqplib writes a number of 2^50 or more, and each that is not finite, as an integer of 64 bits, and fails where it is none. */
function isSendable(value: number): boolean {
  return Math.abs(value) < 2 ** 50 || (Number.isInteger(value) && value >= -(2 ** 63));
}
