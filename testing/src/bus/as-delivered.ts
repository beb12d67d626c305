import type { Delivery, Message } from "@streamgauge/core";

/**
 * A message as a consumer receives it from RabbitMQ: in a copy of its own that begins anywhere in a larger buffer.
 *
 * @param offset - where it begins there; odd ones are aligned to nothing.
 */
export function asDelivered(message: Message, offset = 3): Delivery {
  const larger = Buffer.alloc(offset + message.body.length + 5, 0x7f);
  message.body.copy(larger, offset);
  return {
    body: larger.subarray(offset, offset + message.body.length),
    contentType: message.contentType === "" ? undefined : message.contentType,
    contentEncoding: message.contentEncoding,
    type: message.type === "" ? undefined : message.type,
    messageId: "test-0",
    appId: "streamgauge-test",
    timestamp: message.timestamp,
    headers: message.headers,
    source: { exchange: "rows", routingKey: "test", queue: "test" },
    redeliveries: 0,
  };
}
