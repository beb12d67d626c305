import { connect, type ChannelModel, type ConfirmChannel, type Options } from "amqplib";
import type { Message } from "@streamgauge/core";

/** What AMQP says around a body. */
export interface Sealed {
  readonly body: Buffer;
  readonly properties: Options.Publish;
}

/** A queue that is full refuses; the message is sent again after so long, as the services' bus does at first. */
const AGAIN_MS = 20;

/** A connection with the same options as the services' own. */
export function openLink(url: string): Promise<ChannelModel> {
  return connect(url, { noDelay: true, keepAlive: true });
}

/** A message with all properties that the services' bus gives it; the messageId is as long, and always the same. */
export function sealed({ body, contentType, type, timestamp, headers }: Message, appId: string): Sealed {
  const seconds = timestamp === undefined ? {} : { timestamp: Math.floor(timestamp / 1000) };
  const properties = { headers, contentType, type, appId, messageId: "prepared-0000", persistent: true, mandatory: true, ...seconds };
  return { body, properties };
}

/** Sends until the broker confirms, and says so. */
export function send(channel: ConfirmChannel, exchange: string, routingKey: string, message: Sealed, confirmed: () => void): void {
  channel.publish(exchange, routingKey, message.body, message.properties, (refused: unknown) => {
    if (refused instanceof Error) setTimeout(() => send(channel, exchange, routingKey, message, confirmed), AGAIN_MS);
    else confirmed();
  });
}

/** Gathers calls in one turn of the event loop into one at its end. */
export function oncePerTurn(act: () => void): () => void {
  let scheduled = false;
  return () => {
    if (scheduled) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      act();
    });
  };
}
