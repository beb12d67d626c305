import type { Delivery } from "@streamgauge/core";

/** Wraps a request's body as a message that the contracts can read. */
export function asDelivery(body: Buffer, contentType: string): Delivery {
  const source = { exchange: "", routingKey: "", queue: "" };
  return {
    body,
    contentType,
    type: undefined,
    messageId: undefined,
    appId: undefined,
    timestamp: undefined,
    headers: {},
    source,
    redeliveries: 0,
  };
}
