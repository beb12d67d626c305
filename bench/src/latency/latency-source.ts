import {
  CHAMPION,
  connectBus,
  createLogger,
  FEATURES,
  featuresContract,
  Ids,
  LABELS,
  labelContract,
  topologyOf,
  type Delivery,
  type Message,
} from "@streamgauge/core";
import { loadPreparedFrames } from "../ceiling/prepared-frames.js";
import { serveTask } from "../system/serve-task.js";
import type { LatencyTask } from "./latency-task.js";
import { sendAtPace } from "./pace.js";

// Sends rows one a message at an even pace, whatever becomes of them, and returns when each left, in ms: just before it is
// encoded. It encodes and sends with the code of features, and can tell the time of each row, which features does not.
serveTask<LatencyTask, Float64Array>(async ({ url, frames, rows, rowsPerSecond }, ready) => {
  const prepared = loadPreparedFrames(frames);
  const features = prepared.features.map((message) => featuresContract.read(received(message)).frame);
  const labels = prepared.labels.map((message) => labelContract.read(received(message)).frame.y_true);
  const bus = await connectBus({ url, topology: topologyOf([CHAMPION]), name: "features", log: createLogger("source", "silent") });
  await ready();

  const confirms: Promise<void>[] = [];
  const sent = await sendAtPace(rows, rowsPerSecond, (row) => {
    const origin = Date.now();
    const ids = Ids.of([`latency-${String(row).padStart(10, "0")}`]);
    const frame = features[row % features.length] ?? { columns: new Map<string, Float64Array>() };
    const y_true = labels[row % labels.length] ?? Float64Array.of(0);
    confirms.push(bus.publish(FEATURES, featuresContract.write({ ...frame, ids }, "json", origin)));
    confirms.push(bus.publish(LABELS, labelContract.write({ ids, y_true }, "json", origin)));
  });
  await Promise.all(confirms);
  await bus.close();
  return sent;
});

/** A message as it would come from the broker. */
function received(message: Message): Delivery {
  const source = { exchange: "", routingKey: "", queue: "" };
  return { ...message, timestamp: message.timestamp, messageId: undefined, appId: undefined, source, redeliveries: 0 };
}
