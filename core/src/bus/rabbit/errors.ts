import { errorText } from "../../error-text.js";
import { sentence } from "../../sentence.js";
import { MessageTooLargeError, OtherPartitionsError, QueueTakenError, TopologyError, UnfinishedError } from "../bus.js";
import { PARTITIONS_QUEUE } from "../topology.js";

export function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** A node does not answer what it cannot decide alone. */
export class NoMajorityError extends Error {
  override readonly name = "NoMajorityError";
  readonly waitedMs: number;

  constructor(waitedMs: number) {
    super(
      `This node of RabbitMQ has not agreed with more than half of its cluster for ${waitedMs / 1000} s: it is cut off, or the others are down. ` +
        'See "rabbitmqctl cluster_status" there.',
    );
    this.waitedMs = waitedMs;
  }
}

/** 405 RESOURCE_LOCKED: another connection has a queue for itself. */
export function isLocked(error: unknown): boolean {
  return Object(error)["code"] === 405;
}

/** 404 NOT_FOUND. */
export function isMissing(error: unknown): boolean {
  return Object(error)["code"] === 404;
}

/** 404 NOT_FOUND of a queue that exists, on a node that does not answer. */
export function isUnreachable(error: unknown): boolean {
  return isMissing(error) && !/NOT_FOUND - no queue /.test(errorText(error));
}

/** The largest body that the broker takes, in bytes, if it closed a channel because of a larger one (406, which names both sizes). */
export function sizeLimitIn(error: unknown): number | undefined {
  const limit = /PRECONDITION_FAILED - message size \d+ .*max size (\d+)/.exec(errorText(error))?.[1];
  return limit === undefined ? undefined : Number(limit);
}

/** 406 PRECONDITION_FAILED during declarations: the same name, other arguments. */
export function topologyErrorIn(error: unknown): TopologyError | undefined {
  const detail = /PRECONDITION_FAILED - ([^"]*)/.exec(errorText(error));
  if (detail === null) return undefined;
  const broker = { name: "RabbitMQ", or: "use another virtual host in AMQP_URL" };
  const partitions = partitionsIn(detail[1] ?? "");
  if (partitions !== undefined) return new OtherPartitionsError({ ...partitions, holder: broker.name }, { cause: error });
  return new TopologyError(detail[1] ?? errorText(error), broker, { cause: error });
}

/** The numbers of partitions that were asked for and that the broker has, if a declaration failed because they differ. */
function partitionsIn(detail: string): { readonly wanted: number; readonly held: number } | undefined {
  if (!detail.includes(`'x-max-length' for queue '${PARTITIONS_QUEUE}'`)) return undefined;
  const wanted = /received\D*(\d+)/.exec(detail)?.[1];
  const held = /current is\D*(\d+)/.exec(detail)?.[1];
  return { wanted: Number(wanted), held: Number(held) };
}

/** A body above the limit of the broker. */
export function tooLargeForBroker(bytes: number, limit: number): MessageTooLargeError {
  return new MessageTooLargeError(bytes, limit, { of: "this RabbitMQ", remedy: "raise max_message_size in rabbitmq.conf" });
}

export function queueTaken(queue: string, options?: ErrorOptions): QueueTakenError {
  return new QueueTakenError(queue, "If it has just lost its network, RabbitMQ notices within half a minute.", options);
}

export function unfinishedClose(): UnfinishedError {
  return new UnfinishedError("RabbitMQ");
}

/** What OpenSSL says of an answer that is not TLS. */
const NOT_TLS = /wrong version number|packet length too long|unknown protocol|record layer failure/i;
/** What amqplib says if a port for TLS takes no greeting of AMQP: it is closed, or a TLS alert comes. */
const NOT_AMQP =
  /closed abruptly during opening handshake|Invalid frame|Expected Connection\.?Start|ECONNRESET|Unexpected frame|Frame too large/i;

/** Why the broker cannot be used, and what to do, for the user; never with the password. */
export function explain(error: unknown, url: string): string {
  const { host, username, pathname } = new URL(url);
  if (error instanceof TopologyError || error instanceof QueueTakenError) return error.message;
  const text = error instanceof Error ? error.message || String(Object(error)["code"] ?? error.name) : String(error);
  if (/ACCESS_REFUSED - Login/.test(text))
    return `RabbitMQ at ${host} refuses the user ${username || "guest"}: check the user and password in AMQP_URL.`;
  // All that amqplib says when the user is known and the virtual host is missing or not open to the user.
  if (/Expected ConnectionOpenOk; got <ConnectionClose/.test(text))
    return `RabbitMQ at ${host} refuses the virtual host ${pathname || "/"}: check the path of AMQP_URL.`;
  const { protocol } = new URL(url);
  if (protocol === "amqps:" && NOT_TLS.test(text))
    return `RabbitMQ at ${host} cannot be used: it does not speak TLS there. Write AMQP_URL=amqp://… for this port, or amqps:// with the port for TLS, usually 5671.`;
  if (protocol === "amqp:" && NOT_AMQP.test(text))
    return `RabbitMQ at ${host} cannot be used: ${sentence(text)} If this is its port for TLS, usually 5671, write AMQP_URL=amqps://….`;
  return `RabbitMQ at ${host} cannot be used: ${sentence(text)}`;
}
