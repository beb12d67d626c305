import { join } from "node:path";
import { ChildTask } from "../system/child-task.js";
import { WARM_UP } from "../pipeline/steady-window.js";
import { latencyPercentiles, type LatencyPercentiles } from "./latencies.js";
import type { FloorSinkTask, LatencyTask } from "./latency-task.js";

/**
 * The latency that broker, amqplib and disk allow, with nothing else done: prepared messages of the same bytes, at the same pace, through the
 * same queues, and a line for each row in a file that is synced.
 */
export async function measureLatencyFloor(task: LatencyTask, folder: string): Promise<LatencyPercentiles> {
  const sinkTask: FloorSinkTask = { ...task, file: join(folder, "floor.csv") };
  const sink = new ChildTask<Float64Array>("latency/floor-sink", sinkTask);
  const source = new ChildTask<Float64Array>("latency/floor-source", task);
  const relay = new ChildTask<never>("ceiling/relay", task);
  const all = [sink, source, relay];
  try {
    await Promise.all(all.map((process) => process.ready()));
    for (const process of all) process.go();
    const [synced, sent] = await Promise.race([Promise.all([sink.result, source.result]), relay.result]);
    const took = synced.map((at, row) => at - (sent[row] ?? Number.NaN));
    return latencyPercentiles(took.subarray(Math.ceil(WARM_UP * task.rows)));
  } finally {
    await Promise.all(all.map((process) => process.end()));
  }
}
