import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "../logging.js";
import { type Bus, BusClosedError, MessageTooLargeError, type Delivery, type Handler, type Outcome } from "./bus.js";
import { describeRefusals, type Refusal } from "../refusal.js";
import { deadLettersOf } from "./dead-letter.js";
import type { Disposition } from "./delivery-ledger.js";
import { failpoint } from "../failpoint.js";
import type { RepeatedWarning } from "./repeated-warning.js";
import { DEAD_EXCHANGE, MAX_REDELIVERIES, SUSPICIOUS_REDELIVERIES } from "./topology.js";

/** How long a message is held before it goes back to its queue for a retry. */
const RETRY_DELAY_MS = 500;

/**
 * How long a consumer that is closed waits for messages in flight. Two of them and the bus must be closed within the
 * time that a service has for its end.
 */
export const FINISH_MS = 3_000;

/** What a consumer needs to settle its messages. */
export interface SettlementTools {
  /** For dead letters. */
  readonly bus: Bus;
  /** The service, named in dead letters. */
  readonly stage: string;
  readonly log: Logger;
  readonly warnings: RepeatedWarning;
}

/**
 * Has one message handled and carries out the outcome, except for the acknowledgement itself. A dead letter is safe in its queue before
 * its message is acknowledged. Never rejects.
 */
export async function settlementOf(delivery: Delivery, handler: Handler, tools: SettlementTools): Promise<Disposition> {
  const { log, warnings } = tools;
  const { queue } = delivery.source;
  try {
    const outcome = isSuspicious(delivery) ? await suspect(delivery, handler, warnings) : await handler(delivery);
    if (outcome.kind === "done") return "ack";
    if (outcome.kind === "dead") return await deadLetter(delivery, outcome.refusals, tools);
    warnings.warn(`A message of ${queue} goes back to its queue: ${outcome.reason}`);
  } catch (error) {
    if (error instanceof BusClosedError) return "requeue";
    log.error(error, `Handling a message of ${queue} failed; it goes back to its queue.`);
  }
  await delay(RETRY_DELAY_MS, undefined, { ref: false });
  return "requeue";
}

/** Makes it a dead letter. One that the broker took once and takes no more is moved by the broker itself, which adds no reason. */
async function deadLetter(delivery: Delivery, refusals: readonly Refusal[], { bus, stage, log }: SettlementTools): Promise<Disposition> {
  try {
    for (const message of deadLettersOf(delivery, refusals, stage, new Date()))
      await bus.publish({ exchange: DEAD_EXCHANGE, routingKey: "" }, message);
    failpoint("dead-letter-after-confirm");
    return "ack";
  } catch (error) {
    if (!(error instanceof MessageTooLargeError)) throw error;
    const { messageId = "without id", source } = delivery;
    log.warn(`Message ${messageId} of ${source.queue} becomes a dead letter without its reason. It is: ${describeRefusals(refusals)}.`);
    return "dead-letter";
  }
}

/** Whether a message came back so often that it may be what kills its readers. */
export function isSuspicious({ redeliveries }: Delivery): boolean {
  return redeliveries >= SUSPICIOUS_REDELIVERIES;
}

/** A message that came back often: noticed, and given up before it can go round for ever. */
async function suspect(delivery: Delivery, handler: Handler, warnings: RepeatedWarning): Promise<Outcome> {
  const { redeliveries, source } = delivery;
  const reason = `it came back unanswered ${redeliveries} times: its reader dies or loses its link before answering`;
  if (redeliveries >= MAX_REDELIVERIES) return { kind: "dead", refusals: [{ reason }] };
  warnings.warn(`A message of ${source.queue} may be what kills its readers: ${reason}.`);
  return handler(delivery);
}

/** The warning about messages that were not settled before their consumer closed. */
export function unfinished(messages: number, queue: string): string {
  return `Messages of ${queue} that are not finished after ${FINISH_MS / 1000} s and go back to the queue: ${messages}.`;
}

/** A subscriber whose errors are logged and not thrown. */
export function guarded(onMessage: (delivery: Delivery) => void, exchange: string, log: Logger): (delivery: Delivery) => void {
  return (delivery) => {
    try {
      onMessage(delivery);
    } catch (error) {
      log.error(error, `Handling a notice of ${exchange} failed; the notice is dropped.`);
    }
  };
}
