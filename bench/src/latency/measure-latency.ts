import { CHAMPION, LanePartition } from "@streamgauge/core";
import { lanePaths, withLog } from "@streamgauge/core/metric-log";
import { percentile } from "../percentile.js";
import { Pipeline, type PipelineOptions } from "../pipeline/pipeline.js";
import { RunWatch, type WatchedProcess } from "../pipeline/run-watch.js";
import { WARM_UP, type SteadyWindow } from "../pipeline/steady-window.js";
import { ChildTask } from "../system/child-task.js";
import { latenciesOf, latencyPercentiles, type LatencyPercentiles } from "./latencies.js";
import type { LatencyTask } from "./latency-task.js";

/** What one run at a pace showed. Undefined: the system does not tell. */
export interface Latency extends LatencyPercentiles {
  readonly rowsPerSecond: number;
  /** By how much the time of a commit is too late at most, in 99 of 100 commits: the pause between two looks, ms. */
  readonly lateBy: number;
  readonly window: SteadyWindow;
  readonly cpuPerMillion: Readonly<Record<string, number>> | undefined;
  readonly peakRssMb: Readonly<Record<string, number>> | undefined;
}

/** The finest pause that timers allow. */
const LOOK_MS = 1;

/** Runs rows through the real services at a pace, behind a source that notes when each row leaves. */
export async function measureLatency(task: LatencyTask, broker: WatchedProcess, options: PipelineOptions): Promise<Latency> {
  const pipeline = await Pipeline.start(options);
  const source = new ChildTask<Float64Array>("latency/latency-source", task);
  try {
    await source.ready();
    const watch = new RunWatch(pipeline, [{ name: "source", pid: source.pid }, ...pipeline.processes, broker], LOOK_MS);
    source.go();
    const failed = source.result.then(() => new Promise<never>(() => undefined));
    await Promise.race([watch.until(task.rows), failed]);
    const sent = await source.result;
    await pipeline.stop();
    const { log } = lanePaths(options.logsDir, new LanePartition(CHAMPION));
    const took = withLog(log, (file) => latenciesOf(file, watch.commits, sent)).subarray(Math.ceil(WARM_UP * task.rows));
    const lateBy = Float64Array.from(watch.commits, ({ at, lookedBefore }) => at - lookedBefore).sort();
    const [from, to] = [watch.progress.find(({ rows }) => rows >= WARM_UP * task.rows), watch.progress.at(-1)];
    const none = { at: 0, rows: 0 };
    const window = { from: from ?? none, to: to ?? none, isShort: false };
    return {
      ...latencyPercentiles(took),
      rowsPerSecond: task.rowsPerSecond,
      lateBy: percentile(lateBy, 0.99),
      window,
      cpuPerMillion: watch.cpuPerMillion(window),
      peakRssMb: watch.peakRss(),
    };
  } catch (error) {
    throw pipeline.signal.reason ?? error;
  } finally {
    await source.end();
    pipeline.kill();
  }
}
