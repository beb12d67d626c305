import { setTimeout as delay } from "node:timers/promises";
import { now } from "../clock.js";
import type { Usage } from "../system/proc-files.js";
import { readUsage } from "../system/read-usage.js";
import type { Commit } from "./commit-watch.js";
import type { Pipeline } from "./pipeline.js";
import { valueAt, type SteadyWindow } from "./steady-window.js";

/** A process whose use of the machine is noted. Several of one name share a line of the table. */
export interface WatchedProcess {
  readonly name: string;
  readonly pid: number;
}

/** Nothing came out for so long, although rows are missing. */
export class RunStalledError extends Error {
  override readonly name = "RunStalledError";
  readonly lines: number;

  constructor(lines: number, rows: number, lastWords: string) {
    super(
      `${lines} of ${rows} rows are logged, and nothing more came for ${STALLED_MS / 1000} s. What the services said last:\n${lastWords}`,
    );
    this.lines = lines;
  }
}

const STALLED_MS = 60_000;
const USAGE_MS = 100;

type UsageSample = Usage & { readonly at: number };

/** Watches a run from outside: how far the log is committed, and what each process uses. */
export class RunWatch {
  readonly commits: Commit[] = [];
  readonly #pipeline: Pipeline;
  readonly #processes: readonly WatchedProcess[];
  readonly #usage = new Map<number, UsageSample[]>();
  readonly #lookMs: number;
  #usageAt = -Infinity;

  /** @param lookMs - pause between looks at the log. */
  constructor(pipeline: Pipeline, processes: readonly WatchedProcess[], lookMs: number) {
    this.#pipeline = pipeline;
    this.#processes = processes;
    this.#lookMs = lookMs;
    for (const { pid } of processes) this.#usage.set(pid, []);
  }

  /** Watches until so many lines are committed. @throws RunStalledError; AbortError when a service fails. */
  async until(lines: number): Promise<void> {
    const { watch, signal } = this.#pipeline;
    let lastChange = now();
    for (;;) {
      const commit = watch.look();
      if (commit !== undefined) {
        this.commits.push(commit);
        lastChange = commit.at;
      }
      this.#noteUsage();
      const there = this.commits.at(-1)?.lines ?? 0;
      if (there >= lines) return;
      if (now() - lastChange > STALLED_MS) throw new RunStalledError(there, lines, this.#pipeline.lastWords);
      await delay(this.#lookMs, undefined, { signal });
    }
  }

  get progress(): { readonly at: number; readonly rows: number }[] {
    return this.commits.map(({ at, lines }) => ({ at, rows: lines }));
  }

  #noteUsage(): void {
    const at = now();
    if (at < this.#usageAt + USAGE_MS) return;
    this.#usageAt = at;
    for (const { pid } of this.#processes) {
      const usage = readUsage(pid);
      // A process that is ending has no memory any more.
      if (usage !== undefined && usage.rssBytes > 0) this.#usage.get(pid)?.push({ ...usage, at });
    }
  }

  /** Processor seconds for a million rows within a window, by the processes' name; undefined if the system does not report it. */
  cpuPerMillion({ from, to }: SteadyWindow): Record<string, number> | undefined {
    return this.#byName((samples) => {
      const values = samples.map(({ at, cpuSeconds }) => ({ at, value: cpuSeconds }));
      return ((valueAt(values, to.at) - valueAt(values, from.at)) / (to.rows - from.rows)) * 1e6;
    });
  }

  /** The most memory that the processes of a name ever had, in 10⁶ bytes. */
  peakRss(): Record<string, number> | undefined {
    return this.#byName((samples) => Math.max(0, ...samples.map(({ peakRssBytes }) => peakRssBytes)) / 1e6);
  }

  /** The memory, in 10⁶ bytes, when these shares of the rows were logged. */
  rssAt(shares: readonly number[], rows: number): Record<string, number[]> | undefined {
    const times = shares.map((share) => this.commits.find(({ lines }) => lines >= share * rows)?.at ?? Infinity);
    const columns = times.map((time) => this.#byName((samples) => (samples.find(({ at }) => at >= time) ?? samples.at(-1))?.rssBytes ?? 0));
    if (columns.some((column) => column === undefined)) return undefined;
    const names = Object.keys(columns[0] ?? {});
    return Object.fromEntries(names.map((name) => [name, columns.map((column) => (column?.[name] ?? 0) / 1e6)]));
  }

  #byName(figure: (samples: readonly UsageSample[]) => number): Record<string, number> | undefined {
    if ([...this.#usage.values()].every((samples) => samples.length === 0)) return undefined;
    const figures: Record<string, number> = {};
    for (const { name, pid } of this.#processes) figures[name] = (figures[name] ?? 0) + figure(this.#usage.get(pid) ?? []);
    return figures;
  }
}
