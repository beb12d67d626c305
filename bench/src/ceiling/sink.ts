import { setTimeout as delay } from "node:timers/promises";
import { CHAMPION, queuesOf } from "@streamgauge/core";
import type { ChannelModel, ConsumeMessage } from "amqplib";
import { now } from "../clock.js";
import type { Progress } from "../pipeline/steady-window.js";
import { serveTask } from "../system/serve-task.js";
import { oncePerTurn, openLink } from "./bare-link.js";
import { NOTE_MS, prefetchOf, type CeilingTask } from "./ceiling-task.js";
import { loadPreparedFrames, rowsByLength } from "./prepared-frames.js";

const STALLED_MS = 30_000;

// Acknowledges labels and predictions, and returns how many rows had come on both sides when.
serveTask<CeilingTask, Progress[]>(async ({ url, frames, rows }, ready) => {
  const prepared = loadPreparedFrames(frames);
  const rowsOf = rowsByLength(prepared);
  const queues = queuesOf(CHAMPION);
  const connection = await openLink(url);
  const came = { labels: 0, predictions: 0 };
  const progress: Progress[] = [];
  await read(connection, queues.labels, prefetchOf(prepared.labels), () => (came.labels += prepared.frameRows));
  await read(
    connection,
    queues.predictions,
    prefetchOf(prepared.predictions),
    (message) => (came.predictions += rowsOf.get(message.content.length) ?? 0),
  );
  await ready();
  let pairs = 0;
  let lastChange = now();
  while (pairs < rows) {
    await delay(NOTE_MS);
    const there = Math.min(came.labels, came.predictions);
    if (there > pairs) lastChange = now();
    else if (now() - lastChange > STALLED_MS) throw new Error(`only ${there} of ${rows} pairs came`);
    pairs = there;
    progress.push({ at: now(), rows: Math.min(pairs, rows) });
  }
  return progress;
});

async function read(connection: ChannelModel, queue: string, prefetch: number, count: (message: ConsumeMessage) => void): Promise<void> {
  const channel = await connection.createChannel();
  await channel.prefetch(prefetch, false);
  let last: ConsumeMessage | undefined;
  const acknowledge = oncePerTurn(() => {
    if (last !== undefined) channel.ack(last, true);
    last = undefined;
  });
  await channel.consume(queue, (message) => {
    if (message === null) return;
    count(message);
    last = message;
    acknowledge();
  });
}
