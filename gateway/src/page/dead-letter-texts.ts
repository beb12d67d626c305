import type { DeadLettersEvent, ReasonGroupJson } from "@streamgauge/core/windows";
import { count, counted, moment } from "./format.js";

/** What the panel of dead letters says above their reasons. */
export function deadLettersText({ waiting, before, gone, since, is_kept: isKept }: DeadLettersEvent): string[] {
  const number = waiting ?? 0;
  return [
    waiting === null
      ? "RabbitMQ is away: how many wait is not known."
      : `${counted(number, "message")} ${number === 1 ? "waits" : "wait"} in the queue dead-letters, whole and with the reasons. Everything else goes on.`,
    ...(before === 0 ? [] : [beforeText(before, number, since, isKept)]),
    ...(gone === 0
      ? []
      : [`${counted(gone, "message")} of those counted below ${gone === 1 ? "waits" : "wait"} no more: sent back, or removed.`]),
    isKept ? KEPT : NOT_KEPT,
  ];
}

const KEPT = "Mend the cause, then send them back with the command below each reason, where AMQP_URL is set.";
const NOT_KEPT =
  "They are in the memory of this process and end with it, since it runs without RabbitMQ: mend the cause, and send the rows again " +
  "under the same ids. With RabbitMQ (AMQP_URL) they are kept, and “streamgauge replay” sends them back.";

function beforeText(before: number, waiting: number, since: number, isKept: boolean): string {
  const of = before === waiting ? (before === 1 ? "It" : "All of them") : counted(before, "message");
  const remedy = isKept ? ": “streamgauge replay list” says why they were refused" : "";
  return `${of} came before ${moment(since)} UTC, from when on reasons are counted here${isKept ? ", or while the gateway had no link to RabbitMQ" : ""}${remedy}.`;
}

/** The title of a kind of reason. */
export function reasonText({ field, reason }: ReasonGroupJson): string {
  return field === undefined ? reason : `field ${field}: ${reason}`;
}

/** How many were refused, by whom and when. */
export function groupText({ of, count: refused, stage, first, last }: ReasonGroupJson): string {
  const what = counted(refused, of === "rows" ? "row" : "message");
  const when = moment(first) === moment(last) ? moment(last) : `from ${moment(first)} to ${moment(last)}`;
  return `${what} refused by ${stage}, ${when} UTC`;
}

/** The command that sends them back, safe to be pasted into a shell; undefined if nothing tells them from others. */
export function replayCommand({ stage, find }: ReasonGroupJson): string | undefined {
  const filters = [...(/^\w[\w.-]*$/.test(stage) ? [`--stage ${stage}`] : []), ...(find === "" ? [] : [`--reason "${find}"`])];
  return filters.length === 0 ? undefined : `npx streamgauge replay send ${filters.join(" ")}`;
}

/** What is said of kinds that are not listed. */
export function otherText(other: number): string {
  return other === 0 ? "" : `${count(other)} more refusals are of kinds that came earlier.`;
}
