import type { ConsumeMessage } from "amqplib";
import type { Delivery, Message } from "./bus.js";

/** A message's properties as AMQP has them; those that are left out stay away. */
export function propertiesOf(message: Message, appId: string) {
  return {
    headers: message.headers,
    appId,
    ...(message.contentType === "" ? {} : { contentType: message.contentType }),
    ...(message.type === "" ? {} : { type: message.type }),
    ...(message.timestamp === undefined ? {} : { timestamp: Math.floor(message.timestamp / 1000) }),
  };
}

/** An AMQP message in the bus's own words. */
export function deliveryOf(message: ConsumeMessage, queue: string): Delivery {
  const { properties, fields } = message;
  const headers: Record<string, unknown> = properties.headers ?? {};
  const count = headers["x-delivery-count"];
  return {
    body: message.content,
    contentType: textOrNothing(properties.contentType),
    type: textOrNothing(properties.type),
    messageId: textOrNothing(properties.messageId),
    appId: textOrNothing(properties.appId),
    timestamp: typeof properties.timestamp === "number" ? properties.timestamp * 1000 : undefined,
    headers,
    source: { exchange: fields.exchange, routingKey: fields.routingKey, queue },
    returns: typeof count === "number" ? count : 0,
  };
}

function textOrNothing(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
