import { DEAD_EXCHANGE, type QueueDeclaration } from "../topology.js";

/** The broker's own end to a message that kills its readers, if MAX_REDELIVERIES was not reached by any reader. */
const BROKER_DELIVERY_LIMIT = 1_000;

/** Queue arguments that RabbitMQ 3.10 and 4.x both know. */
export function argumentsOf(queue: QueueDeclaration): Record<string, string | number> {
  // The default of RabbitMQ 4 is 20, and a queue without a dead-letter exchange drops what is above it: looking at
  // the dead letters counts as a return each time.
  if (queue.limit === undefined) return { "x-queue-type": "quorum", "x-delivery-limit": 1_000_000_000 };
  const bounded = {
    "x-queue-type": "quorum",
    "x-delivery-limit": BROKER_DELIVERY_LIMIT,
    "x-max-length": queue.limit.messages,
    "x-max-length-bytes": queue.limit.bytes,
  };
  // What is dropped is a copy: as a dead letter it would come back to the queue that is full.
  if (queue.overflow === "drop-head") return { ...bounded, "x-overflow": "drop-head" };
  return {
    ...bounded,
    "x-overflow": "reject-publish",
    "x-dead-letter-exchange": DEAD_EXCHANGE,
    "x-dead-letter-strategy": "at-least-once",
  };
}
