import type { Attributes } from "@opentelemetry/api";
import type { Address, Bus, ConsumeOptions, Delivery, Handler, Message, Outcome, SubscribeOptions, Subscription } from "../bus/bus.js";
import { FEATURES, predictionsOf } from "../bus/topology.js";
import { activeSpans, type TraceSpan, type Tracing } from "./tracing.js";

/** Where messages with rows are sent. A producer may leave out the type of its messages. */
const EXCHANGES: readonly string[] = [FEATURES.exchange, predictionsOf("").exchange];
const TYPES: readonly (string | undefined)[] = ["features", "y_true", "y_pred"];

/** Whether a message has rows; others are not traced. */
function isTraced({ exchange }: Address, type: string | undefined): boolean {
  return EXCHANGES.includes(exchange) || TYPES.includes(type);
}

/**
 * A bus that records the sending and the handling of rows, labels and predictions, in the words of OpenTelemetry's conventions for RabbitMQ.
 * The context of a trace goes with a message in its headers, and comes with its delivery.
 */
export class TracedBus implements Bus {
  readonly #bus: Bus;
  readonly #tracing: Tracing;
  readonly #system: string;
  readonly isShared: boolean;

  constructor(bus: Bus, tracing: Tracing) {
    this.#bus = bus;
    this.#tracing = tracing;
    this.isShared = bus.isShared;
    this.#system = bus.isShared ? "rabbitmq" : "memory";
  }

  get connected(): boolean {
    return this.#bus.connected;
  }

  get isReading(): boolean {
    return this.#bus.isReading;
  }

  async publish(to: Address, { spans, ...message }: Message): Promise<void> {
    if (!isTraced(to, message.type)) return this.#bus.publish(to, message);
    const destination = named(to.exchange, to.routingKey);
    const span = this.#tracing.begin(`send ${destination}`, {
      kind: "producer",
      // A message that is sent on goes on with its trace.
      from: message.headers,
      parents: spans ?? activeSpans(),
      attributes: {
        ...this.#attributes("send", to.routingKey, destination),
        "messaging.message.body.size": message.body.length,
      },
    });
    try {
      await this.#bus.publish(to, { ...message, headers: { ...message.headers, ...span.headers } });
      span.end();
    } catch (error) {
      span.end(error);
      throw error;
    }
  }

  async consume(queue: string, handler: Handler, options: ConsumeOptions): Promise<Subscription> {
    return this.#bus.consume(queue, this.#traced(handler), options);
  }

  #traced(handler: Handler): Handler {
    return async (delivery) => {
      if (!isTraced(delivery.source, delivery.type)) return handler(delivery);
      const span = this.#beginProcess(delivery);
      try {
        const outcome = await handler({ ...delivery, span });
        endWith(span, outcome);
        return outcome;
      } catch (error) {
        span.end(error);
        throw error;
      }
    };
  }

  #beginProcess({ headers, source: { exchange, routingKey, queue }, messageId, body, redeliveries }: Delivery): TraceSpan {
    const destination = named(exchange, routingKey, queue);
    return this.#tracing.begin(`process ${destination}`, {
      kind: "consumer",
      from: headers,
      attributes: {
        ...this.#attributes("process", routingKey, destination),
        "messaging.message.body.size": body.length,
        ...(messageId === undefined ? {} : { "messaging.message.id": messageId }),
        ...(redeliveries === 0 ? {} : { "streamgauge.redeliveries": redeliveries }),
      },
    });
  }

  #attributes(operation: "send" | "process", routingKey: string, destination: string): Attributes {
    return {
      "messaging.system": this.#system,
      "messaging.operation.name": operation,
      "messaging.operation.type": operation,
      "messaging.destination.name": destination,
      ...(routingKey === "" ? {} : { "messaging.rabbitmq.destination.routing_key": routingKey }),
    };
  }

  broadcast(exchange: string, message: Message): void {
    this.#bus.broadcast(exchange, message);
  }

  subscribe(
    exchange: string,
    subscriber: string,
    onMessage: (delivery: Delivery) => void,
    options?: SubscribeOptions,
  ): Promise<Subscription> {
    return this.#bus.subscribe(exchange, subscriber, onMessage, options);
  }

  drain(queue: string, most: number, handler: Handler): Promise<number> {
    return this.#bus.drain(queue, most, handler);
  }

  exists(queue: string): Promise<boolean> {
    return this.#bus.exists(queue);
  }

  depth(queue: string): Promise<number> {
    return this.#bus.depth(queue);
  }

  bind(queue: string, from: Address): Promise<void> {
    return this.#bus.bind(queue, from);
  }

  unbind(queue: string, from: Address): Promise<void> {
    return this.#bus.unbind(queue, from);
  }

  remove(queue: string): Promise<void> {
    return this.#bus.remove(queue);
  }

  close(): Promise<void> {
    return this.#bus.close();
  }
}

/** The name of a destination, as the conventions for RabbitMQ have it: of what is there, and what is there twice once. */
function named(...parts: readonly string[]): string {
  return [...new Set(parts.filter((part) => part !== ""))].join(":");
}

/** A message that is a dead letter, or comes again, is an error of the operation. */
function endWith(span: TraceSpan, outcome: Outcome): void {
  span.set({ "streamgauge.outcome": outcome.kind });
  if (outcome.kind === "done") span.end();
  else if (outcome.kind === "retry") span.end(new Error(outcome.reason));
  else span.end(new Error(outcome.refusals[0]?.reason ?? "refused"));
}
