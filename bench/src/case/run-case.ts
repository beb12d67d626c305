import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { startPrivateBroker, type PrivateBroker } from "@streamgauge/testing";
import { measureCeiling } from "../ceiling/measure-ceiling.js";
import { prepareFrames } from "../ceiling/prepare-frames.js";
import { savePreparedFrames } from "../ceiling/prepared-frames.js";
import { measureLatencyFloor } from "../latency/measure-floor.js";
import { measureLatency } from "../latency/measure-latency.js";
import { measureThroughput } from "../pipeline/measure-throughput.js";
import type { PipelineOptions } from "../pipeline/pipeline.js";
import type { SteadyWindow } from "../pipeline/steady-window.js";
import { readCaseProfile, type CaseProfile } from "../profile/case-profile.js";
import type { CaseResult, RunFigures } from "../report/case-result.js";
import { removeFolder, temporaryFolder } from "../system/ends-with-bench.js";
import type { BenchCase } from "./bench-cases.js";
import { materialIn, type Material } from "./material.js";

export interface CaseOptions {
  readonly runs: number;
  /** In place of the case's own number. */
  readonly rows: number | undefined;
  /** Whether one more run is made under V8's profiler. */
  readonly profile: boolean;
  /** Rows a second; undefined: as fast as it goes. */
  readonly pace: number | undefined;
  /** Tells how far it is. */
  readonly say: (line: string) => void;
}

/** Runs a case some times, each on a broker, a log and processes of its own. */
export async function runCase(benchCase: BenchCase, { runs, rows, profile, pace, say }: CaseOptions): Promise<CaseResult> {
  const { name, shows, size, longRun = false } = benchCase;
  const folder = temporaryFolder();
  const material = await materialIn(folder, benchCase.material);
  const frames = join(folder, "frames");
  savePreparedFrames(frames, await prepareFrames(benchCase, material));
  const all = rows ?? ("rows" in size ? size.rows : Math.ceil(size.seconds * (pace ?? 1)));
  const run = new CaseRun({ benchCase, material, folder, frames, rows: all, pace });
  const figures: RunFigures[] = [];
  for (let i = 1; i <= runs; i += 1) {
    const { window: _, ...shown } = await run.measured(undefined);
    figures.push(shown);
    say(`${name}, run ${i} of ${runs}: ${inWords(shown)}.`);
  }
  const profiled = profile ? await run.profiled() : undefined;
  if (profile) say(`${name}, under the profiler: done.`);
  removeFolder(folder);
  return { name, shows, rows: all, pace, longRun, runs: figures, profile: profiled };
}

interface RunParts {
  readonly benchCase: BenchCase;
  readonly material: Material;
  /** For all files of the run. */
  readonly folder: string;
  /** Path of the prepared frames. */
  readonly frames: string;
  readonly rows: number;
  readonly pace: number | undefined;
}

class CaseRun {
  readonly #parts: RunParts;

  constructor(parts: RunParts) {
    this.#parts = parts;
  }

  /** @param profiles - folder for V8's profiles; undefined: none, and the ceiling or the floor is measured too. */
  async measured(profiles: string | undefined): Promise<RunFigures & { readonly window: SteadyWindow }> {
    const { folder, material, benchCase } = this.#parts;
    const broker = await startPrivateBroker();
    const logsDir = join(folder, "logs");
    try {
      const options = { amqpUrl: broker.url, logsDir, material, models: benchCase.models, profiles };
      return await this.#on(broker, options, profiles === undefined);
    } finally {
      await broker.stop();
      rmSync(logsDir, { recursive: true, force: true });
    }
  }

  async #on(broker: PrivateBroker, options: PipelineOptions, withBounds: boolean): Promise<RunFigures & { readonly window: SteadyWindow }> {
    const { benchCase, frames, rows, pace } = this.#parts;
    const url = broker.url;
    const process = { name: "broker", pid: Number((await broker.ctl("eval", "list_to_integer(os:getpid()).")).trim()) };
    if (pace !== undefined) {
      const task = { url, frames, rows, rowsPerSecond: pace };
      const latency = { ...(await measureLatency(task, process, options)), isShort: false };
      if (!withBounds) return latency;
      const floor = await measureLatencyFloor(task, this.#parts.folder);
      return { ...latency, floorP50: floor.p50, floorP99: floor.p99 };
    }
    const throughput = await measureThroughput(benchCase, rows, process, options);
    const figures = { ...throughput, isShort: throughput.window.isShort };
    return withBounds
      ? { ...figures, ceilingPairsPerSecond: await measureCeiling({ url, frames, rows, relays: benchCase.models }) }
      : figures;
  }

  /** One more run, whose figures do not count: the profiler takes its share. */
  async profiled(): Promise<CaseProfile> {
    const profiles = join(this.#parts.folder, "profiles");
    mkdirSync(profiles);
    const { window } = await this.measured(profiles);
    return readCaseProfile(profiles, window);
  }
}

function inWords({ pairsPerSecond, ceilingPairsPerSecond, p50, p99, p999, floorP50, floorP99 }: RunFigures): string {
  const rate = (value = 0) => Math.round(value).toLocaleString("en");
  if (pairsPerSecond !== undefined) return `${rate(pairsPerSecond)} pairs/s, ceiling ${rate(ceilingPairsPerSecond)}`;
  return `p50 ${p50?.toFixed(1)} ms, p99 ${p99?.toFixed(1)} ms, p99.9 ${p999?.toFixed(1)} ms, floor p50 ${floorP50?.toFixed(1)} ms, p99 ${floorP99?.toFixed(1)} ms`;
}
