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

/**
 * Runs a case some times, each on a broker, a log and processes of its own, in turns with the case that it is compared with.
 *
 * @returns the case, and then the other one, if there is one.
 */
export async function runCase(benchCase: BenchCase, { runs, profile, say, ...options }: CaseOptions): Promise<CaseResult[]> {
  const cases = [benchCase, ...(benchCase.besides === undefined ? [] : [benchCase.besides])];
  const prepared = await Promise.all(cases.map((one) => PreparedCase.make(one, options)));
  for (let i = 1; i <= runs; i += 1) for (const one of prepared) say(`${one.name}, run ${i} of ${runs}: ${inWords(await one.run())}.`);
  const results: CaseResult[] = [];
  for (const one of prepared) {
    results.push(await one.result(profile));
    if (profile) say(`${one.name}, under the profiler: done.`);
  }
  return results;
}

/** A case and the figures of its runs so far. */
class PreparedCase {
  readonly #case: BenchCase;
  readonly #parts: RunParts;
  readonly #run: CaseRun;
  readonly #figures: RunFigures[] = [];

  private constructor(benchCase: BenchCase, parts: RunParts) {
    this.#case = benchCase;
    this.#parts = parts;
    this.#run = new CaseRun(parts);
  }

  static async make(benchCase: BenchCase, { rows, pace }: Pick<CaseOptions, "rows" | "pace">): Promise<PreparedCase> {
    const { size } = benchCase;
    const folder = temporaryFolder();
    const material = await materialIn(folder, benchCase.material);
    const frames = join(folder, "frames");
    savePreparedFrames(frames, await prepareFrames(benchCase, material));
    const all = rows ?? ("rows" in size ? size.rows : Math.ceil(size.seconds * (pace ?? 1)));
    return new PreparedCase(benchCase, { benchCase, material, folder, frames, rows: all, pace });
  }

  get name(): string {
    return this.#case.name;
  }

  async run(): Promise<RunFigures> {
    const { window: _, ...shown } = await this.#run.measured(undefined);
    this.#figures.push(shown);
    return shown;
  }

  /** Ends it. @param profile - whether one more run is made before, under the profiler. */
  async result(profile: boolean): Promise<CaseResult> {
    const { name, shows, longRun = false, besides } = this.#case;
    const { rows, pace, folder } = this.#parts;
    const profiled = profile ? await this.#run.profiled() : undefined;
    removeFolder(folder);
    return { name, shows, rows, pace, longRun, runs: this.#figures, profile: profiled, besides: besides?.name };
  }
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
      const { models, partitions } = benchCase;
      const options = { amqpUrl: broker.url, logsDir, material, models, partitions, profiles };
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
    // The bare processes know one queue of labels and one of predictions.
    return withBounds && (benchCase.partitions ?? 1) === 1
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
