import type { Address, Delivery, Message } from "../bus.js";

/** A message with the properties that the bus adds. A notice has no messageId. */
export interface SignedMessage extends Message {
  readonly messageId: string | undefined;
  readonly appId: string;
}

/** A message in a queue: as sent, and how often it was handed out and came back. */
export interface Stored {
  readonly message: SignedMessage;
  readonly to: Address;
  redeliveries: number;
}

/** A stored message as a reader of `queue` sees it. */
export function asDelivery({ message, to, redeliveries }: Stored, queue: string): Delivery {
  return {
    body: message.body,
    contentType: message.contentType === "" ? undefined : message.contentType,
    contentEncoding: message.contentEncoding,
    type: message.type === "" ? undefined : message.type,
    messageId: message.messageId,
    appId: message.appId,
    // AMQP carries whole seconds.
    timestamp: message.timestamp === undefined ? undefined : Math.floor(message.timestamp / 1000) * 1000,
    headers: message.headers,
    source: { ...to, queue },
    redeliveries,
  };
}
