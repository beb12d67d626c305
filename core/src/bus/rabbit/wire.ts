import { Writable } from "node:stream";

/** What amqplib knows of a connection and a channel, and its types leave out. */
export interface Wire {
  readonly socket: Writable;
  /** The largest frame that the broker takes, in bytes. */
  readonly frameMax: number;
  /** The channel's number. */
  readonly channel: number;
}

/**
 * Looks into amqplib's objects for its connection and a channel on it.
 *
 * @throws Error if they are not as they were in the version that this program names in its package.json.
 */
export function wireOf(connection: object, channelObject: object): Wire {
  const socket: unknown = Reflect.get(connection, "stream");
  const frameMax: unknown = Reflect.get(connection, "frameMax");
  const channel: unknown = Reflect.get(channelObject, "ch");
  if (socket instanceof Writable && typeof frameMax === "number" && typeof channel === "number") return { socket, frameMax, channel };
  throw new Error("This amqplib is not the version that the program is made for: install the one that package.json names.");
}
