import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { CHAMPION, Deferred, queuesOf } from "@streamgauge/core";
import type { ChannelModel, ConsumeMessage } from "amqplib";
import { oncePerTurn, openLink } from "../ceiling/bare-link.js";
import { prefetchOf } from "../ceiling/ceiling-task.js";
import { loadPreparedFrames, rowsByLength } from "../ceiling/prepared-frames.js";
import { now } from "../clock.js";
import { serveTask } from "../system/serve-task.js";
import type { FloorSinkTask } from "./latency-task.js";

/** As long as a line of the log. */
const LINE = `${"0".repeat(59)}\n`;

// Takes labels and predictions, which come in the order in which they were sent, and adds a line for each pair to a file. Acknowledges both when the
// file is synced, and returns when that was for each row, in ms.
serveTask<FloorSinkTask, Float64Array>(async ({ url, frames, rows, file: path }, ready) => {
  const prepared = loadPreparedFrames(frames);
  const rowsOf = rowsByLength(prepared);
  const queues = queuesOf(CHAMPION);
  const file = openSync(path, "a");
  const synced = new Float64Array(rows);
  const all = new Deferred<void>();
  const came = { labels: 0, predictions: 0 };
  let pairs = 0;
  const commit = oncePerTurn(() => {
    const there = Math.min(came.labels, came.predictions);
    if (there > pairs) {
      writeSync(file, LINE.repeat(there - pairs));
      fdatasyncSync(file);
      synced.fill(now(), pairs, there);
      pairs = there;
    }
    for (const side of sides) side.acknowledge();
    if (pairs >= rows) all.resolve();
  });
  const connection = await openLink(url);
  const sides = [
    await openSide(connection, queues.labels, prefetchOf(prepared.labels), () => {
      came.labels += prepared.frameRows;
      commit();
    }),
    await openSide(connection, queues.predictions, prefetchOf(prepared.predictions), (message) => {
      came.predictions += rowsOf.get(message.content.length) ?? 0;
      commit();
    }),
  ];
  await ready();
  await all.promise;
  closeSync(file);
  return synced;
});

/** Reads a queue. `acknowledge` answers all that came so far: what is ahead of its partner is in the memory of a real join, too. */
async function openSide(connection: ChannelModel, queue: string, prefetch: number, take: (message: ConsumeMessage) => void) {
  const channel = await connection.createChannel();
  await channel.prefetch(prefetch, false);
  let last: ConsumeMessage | undefined;
  await channel.consume(queue, (message) => {
    if (message === null) return;
    last = message;
    take(message);
  });
  return {
    acknowledge: () => {
      if (last !== undefined) channel.ack(last, true);
      last = undefined;
    },
  };
}
