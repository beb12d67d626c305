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
} as const;

/** RabbitMQ's own bookkeeping; 4.x refuses or overwrites it on a message that is published anew. */
const BROKER_HEADERS = /^x-(death|first-death-|last-death-|delivery-count|acquired-count|opt-)/;

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

/** A delivery as a message that can be sent again: its own body and properties, without the broker's bookkeeping. */
export function messageOf(delivery: Delivery): Message {
  const headers: Record<string, HeaderValue> = {};
  for (const [name, value] of Object.entries(delivery.headers)) {
    if (BROKER_HEADERS.test(name)) continue;
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") headers[name] = value;
    else if (value !== undefined && value !== null) headers[name] = JSON.stringify(value);
  }
  return {
    body: delivery.body,
    contentType: delivery.contentType ?? "",
    type: delivery.type ?? "",
    ...(delivery.timestamp === undefined ? {} : { timestamp: delivery.timestamp }),
    headers,
  };
}
