import { Socket } from "node:net";
import type { ChannelModel } from "amqplib";

/**
 * What a turn of the event loop publishes on a connection goes into the socket together. amqplib hands it each message by
 * itself, which at one row a message was a system call for each, and as many wake-ups of the broker (docs/adr/0012).
 *
 * @returns a function to call before each publish.
 */
export function corkByTurn(connection: ChannelModel): () => void {
  // Not in amqplib's types; without it messages are written one by one.
  const socket: unknown = Reflect.get(connection.connection, "stream");
  if (!(socket instanceof Socket)) return () => undefined;
  let corked = false;
  return () => {
    if (corked) return;
    corked = true;
    socket.cork();
    // amqplib passes on what a turn wrote in an immediate that comes after the first of these.
    setImmediate(() =>
      setImmediate(() => {
        corked = false;
        socket.uncork();
      }),
    );
  };
}
