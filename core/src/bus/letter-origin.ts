import type { Delivery } from "./bus.js";
import { DEAD_HEADER } from "./dead-header.js";

/** By whom, when and why a message was refused. */
export interface LetterOrigin {
  /** The service; `broker` if that gave the message up itself. */
  readonly stage: string;
  /** ISO 8601; empty if the letter does not say. */
  readonly time: string;
  /** For people: of the first rows, if rows were refused. */
  readonly reason: string;
}

/** What the headers of a dead letter, or of a message that follows one, say of its refusal. */
export function originOfLetter({ headers }: Delivery): LetterOrigin {
  const header = (name: string) => {
    const value = headers[name];
    return typeof value === "string" ? value : undefined;
  };
  return {
    stage: header(DEAD_HEADER.stage) ?? "broker",
    time: header(DEAD_HEADER.time) ?? "",
    // RabbitMQ itself dead-letters a message after too many redeliveries, with a code instead of a reason.
    reason: header(DEAD_HEADER.reason) ?? `RabbitMQ gave it up: ${header("x-first-death-reason") ?? "no reason given"}`,
  };
}
