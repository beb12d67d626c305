import type { ConsumeMessage } from "amqplib";
import type { Delivery, Message } from "../bus.js";

/** A message's properties as AMQP has them; those that are left out stay away. */
export function propertiesOf(message: Message, appId: string) {
  return {
    headers: message.headers,
    appId,
    ...(message.contentType === "" ? {} : { contentType: message.contentType }),
    ...(message.contentEncoding === undefined ? {} : { contentEncoding: message.contentEncoding }),
    ...(message.type === "" ? {} : { type: message.type }),
    ...(message.timestamp === undefined ? {} : { timestamp: Math.floor(message.timestamp / 1000) }),
  };
}

/** An AMQP message in the bus's own words. */
export function deliveryOf(message: ConsumeMessage, queue: string): Delivery {
  const { properties, fields } = message;
  const headers: Record<string, unknown> = properties.headers ?? {};
  return {
    body: message.content,
    contentType: textOrNothing(properties.contentType),
    contentEncoding: textOrNothing(properties.contentEncoding),
    type: textOrNothing(properties.type),
    messageId: textOrNothing(properties.messageId),
    appId: textOrNothing(properties.appId),
    timestamp: typeof properties.timestamp === "number" ? properties.timestamp * 1000 : undefined,
    headers,
    source: { exchange: fields.exchange, routingKey: fields.routingKey, queue },
    redeliveries: fields.redelivered ? redeliveriesIn(headers) : 0,
  };
}

/**
 * How often a message of a quorum queue came back: its reader died, lost its link, closed its channel, or rejected the message with
 * `requeue`. RabbitMQ 3.10 to 4.3 count these alike; a message that comes for the first time may bring a count of its sender's. Since 4.3 a
 * `nack` is not counted, nor is a reader that was timed out.
 */
function redeliveriesIn(headers: Readonly<Record<string, unknown>>): number {
  // RabbitMQ 4 hands the count of the queue on that gave it up.
  if (wasGivenUp(headers["x-death"])) return 0;
  const count = headers["x-delivery-count"];
  return typeof count === "number" ? count : 0;
}

function wasGivenUp(deaths: unknown): boolean {
  return Array.isArray(deaths) && deaths.some((death) => Object(death)["reason"] === "delivery_limit");
}

function textOrNothing(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
