import type { BenchCase } from "../case/bench-cases.js";
import { now } from "../clock.js";
import { Pipeline, type PipelineOptions } from "./pipeline.js";
import { RunWatch, type WatchedProcess } from "./run-watch.js";
import { rateOf, steadyWindow, WARM_UP, type SteadyWindow } from "./steady-window.js";

/** What one run of the pipeline at full speed showed. Undefined: the system does not tell. */
export interface Throughput {
  readonly pairsPerSecond: number;
  readonly window: SteadyWindow;
  readonly cpuPerMillion: Readonly<Record<string, number>> | undefined;
  readonly peakRssMb: Readonly<Record<string, number>> | undefined;
  /** At the shares of rows of `ALONG`. */
  readonly rssAlongMb: Readonly<Record<string, readonly number[]>> | undefined;
}

/** Shares of a run's rows at which its memory is noted. */
export const ALONG = [0.25, 0.5, 0.75, 1];
const LOOK_MS = 20;

/** Runs rows through the real services at full speed, and measures from the warm-up on. */
export async function measureThroughput(
  benchCase: BenchCase,
  rows: number,
  broker: WatchedProcess,
  options: PipelineOptions,
): Promise<Throughput> {
  const pipeline = await Pipeline.start(options);
  try {
    const began = now();
    const source = pipeline.startSource(benchCase, rows);
    const watch = new RunWatch(pipeline, [...pipeline.processes, broker], LOOK_MS);
    await watch.until(WARM_UP * rows);
    const sent = await source.metrics("streamgauge_features_rows_total", "streamgauge_features_unconfirmed_rows");
    await watch.until(rows);
    // It ends by itself, and would take a signal meanwhile for the second one.
    await source.ended;
    await pipeline.stop();
    const window = steadyWindow(began, watch.progress, rows, sent ?? rows);
    return {
      pairsPerSecond: rateOf(window),
      window,
      cpuPerMillion: watch.cpuPerMillion(window),
      peakRssMb: watch.peakRss(),
      rssAlongMb: watch.rssAt(ALONG, rows),
    };
  } catch (error) {
    // What a service said of its end says more than that waiting for it was given up.
    throw pipeline.signal.reason ?? error;
  } finally {
    pipeline.kill();
  }
}
