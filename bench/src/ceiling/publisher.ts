import { FEATURES, LABELS, type Address } from "@streamgauge/core";
import type { ConfirmChannel } from "amqplib";
import { now } from "../clock.js";
import type { Progress } from "../pipeline/steady-window.js";
import { serveTask } from "../system/serve-task.js";
import { openLink, sealed, send, type Sealed } from "./bare-link.js";
import { NOTE_MS, type CeilingTask } from "./ceiling-task.js";
import { loadPreparedFrames } from "./prepared-frames.js";

/** As much as the source of the pipeline has unconfirmed, of features and of labels. */
const UNCONFIRMED = { frames: 1_000, rows: 131_072 };

// Sends features and labels as fast as they are confirmed. Returns how many rows were confirmed when.
serveTask<CeilingTask, Progress[]>(async ({ url, frames, rows }, ready) => {
  const { frameRows, features, labels } = loadPreparedFrames(frames);
  const seal = (messages: typeof features) => messages.map((message) => sealed(message, "streamgauge-features"));
  const [sealedFeatures, sealedLabels] = [seal(features), seal(labels)];
  const channel = await (await openLink(url)).createConfirmChannel();
  await ready();

  const count = Math.ceil(rows / frameRows);
  const most = Math.min(UNCONFIRMED.frames, Math.max(1, Math.floor(UNCONFIRMED.rows / frameRows)));
  const progress: Progress[] = [];
  let confirmed = 0;
  const note = () => progress.push({ at: now(), rows: confirmed * frameRows });
  const noting = setInterval(note, NOTE_MS);
  const sendLabels = stream(channel, LABELS, sealedLabels, count, most, () => undefined);
  const sendFeatures = stream(channel, FEATURES, sealedFeatures, count, most, () => (confirmed += 1));
  await Promise.all([sendFeatures, sendLabels]);
  clearInterval(noting);
  note();
  return progress;
});

/** Sends `count` messages, round and round, with `most` unconfirmed; resolves when all are confirmed. */
function stream(
  channel: ConfirmChannel,
  to: Address,
  messages: readonly Sealed[],
  count: number,
  most: number,
  onConfirm: () => void,
): Promise<void> {
  return new Promise((resolve) => {
    let sent = 0;
    let confirmed = 0;
    const pump = () => {
      for (; sent < count && sent - confirmed < most; sent += 1) {
        const message = messages[sent % messages.length];
        if (message !== undefined) send(channel, to.exchange, to.routingKey, message, oneConfirmed);
      }
    };
    const oneConfirmed = () => {
      confirmed += 1;
      onConfirm();
      if (confirmed === count) resolve();
      else pump();
    };
    pump();
  });
}
