import { FEATURES, LABELS } from "@streamgauge/core";
import { openLink, sealed, send } from "../ceiling/bare-link.js";
import { loadPreparedFrames } from "../ceiling/prepared-frames.js";
import { serveTask } from "../system/serve-task.js";
import type { LatencyTask } from "./latency-task.js";
import { sendAtPace } from "./pace.js";

// Sends prepared features and labels at an even pace, and returns when each row left, in ms.
serveTask<LatencyTask, Float64Array>(async ({ url, frames, rows, rowsPerSecond }, ready) => {
  const prepared = loadPreparedFrames(frames);
  const [features, labels] = [prepared.features, prepared.labels].map((messages) =>
    messages.map((message) => sealed(message, "streamgauge-features")),
  );
  const channel = await (await openLink(url)).createConfirmChannel();
  await ready();
  const sent = await sendAtPace(rows, rowsPerSecond, (row) => {
    for (const [to, messages = []] of [
      [FEATURES, features],
      [LABELS, labels],
    ] as const) {
      const message = messages[row % messages.length];
      if (message !== undefined) send(channel, to.exchange, to.routingKey, message, () => undefined);
    }
  });
  await channel.waitForConfirms();
  return sent;
});
