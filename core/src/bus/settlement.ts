import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "../service/logging.js";
import { type Bus, BusClosedError, type Delivery, type Handler, type Outcome } from "./bus.js";
import { deadLettersOf } from "./dead-letter.js";
import { failpoint } from "../service/failpoint.js";
import type { RepeatedWarning } from "./repeated-warning.js";
import { DEAD_EXCHANGE, MAX_RETURNS, SUSPICIOUS_RETURNS } from "./topology.js";

/** How long a message that is to be retried is kept before it goes back. */
const RETRY_DELAY_MS = 500;

/**
 * How long a consumer that is closed waits for what it has in hand. Two of them and the bus must be closed within the
 * time that a service has for its end.
 */
export const FINISH_MS = 3_000;

/** What a consumer brings to the settling of its messages. */
export interface SettlementTools {
  /** For dead letters. */
  readonly bus: Bus;
  /** The service, named in dead letters. */
  readonly stage: string;
  readonly log: Logger;
  readonly warnings: RepeatedWarning;
}

/**
 * Has one message handled and carries out the outcome, up to the acknowledgement itself: `done` when the broker may
 * forget the message, `return` when it is to be delivered again. A dead letter is safe in its queue before `done`.
 * Never rejects.
 */
export async function settlementOf(
  delivery: Delivery,
  handler: Handler,
  { bus, stage, log, warnings }: SettlementTools,
): Promise<"done" | "return"> {
  const { queue } = delivery.source;
  try {
    const outcome = delivery.returns < SUSPICIOUS_RETURNS ? await handler(delivery) : await suspect(delivery, handler, log);
    if (outcome.kind === "done") return "done";
    if (outcome.kind === "dead") {
      for (const message of deadLettersOf(delivery, outcome.refusals, stage, new Date()))
        await bus.publish({ exchange: DEAD_EXCHANGE, routingKey: "" }, message);
      failpoint("dead-letter-after-confirm");
      return "done";
    }
    warnings.warn(`A message of ${queue} goes back to its queue: ${outcome.reason}`);
  } catch (error) {
    if (error instanceof BusClosedError) return "return";
    log.error(error, `Handling a message of ${queue} failed; it goes back to its queue.`);
  }
  await delay(RETRY_DELAY_MS, undefined, { ref: false });
  return "return";
}

/** A message that came back often: noticed, and given up before it can go round for ever. */
async function suspect(delivery: Delivery, handler: Handler, log: Logger): Promise<Outcome> {
  const { returns, messageId, source } = delivery;
  const reason = `it came back unanswered ${returns} times: whoever takes it dies or loses its link before answering`;
  if (returns >= MAX_RETURNS) return { kind: "dead", refusals: [{ reason }] };
  log.warn(`Message ${messageId ?? "without id"} of ${source.queue} may be what kills its readers: ${reason}.`);
  return handler(delivery);
}

/** What is said of messages that could not be finished before their consumer was closed. */
export function unfinished(messages: number, queue: string): string {
  return `Not everything of ${queue} is finished after ${FINISH_MS / 1000} s; what is in hand goes back to the queue: ${messages}.`;
}

/** A listener whose failure concerns nobody else. */
export function guarded(hear: (delivery: Delivery) => void, exchange: string, log: Logger): (delivery: Delivery) => void {
  return (delivery) => {
    try {
      hear(delivery);
    } catch (error) {
      log.error(error, `Hearing a notice of ${exchange} failed; the notice is dropped.`);
    }
  };
}
