import type { Delivery } from "@streamgauge/core";

/** A request's body as the contracts read messages. */
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
