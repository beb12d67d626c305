import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { CHAMPION, LanePartition } from "@streamgauge/core";
import { lanePaths, type LanePaths } from "@streamgauge/core/metric-log";
import { StateStore } from "@streamgauge/metrics";
import { now } from "../clock.js";

/** How far the log was committed, and when that was seen. */
export interface Commit {
  /** ms, by `now()`: at that time all of it was on disk. */
  readonly at: number;
  /** Lines without the header. */
  readonly lines: number;
  /** Bytes. */
  readonly length: number;
  /** When it was looked before: the commit was complete after that, so `at` is late by less than the difference. */
  readonly lookedBefore: number;
}

const LOOK_MS = 20;

/**
 * Sees from outside how far metrics has committed its log: synced, and noted in the store, which metrics does before it answers
 * any message. Bytes of the log beyond that do not count. A look at a log that has not grown is one system call.
 */
export class CommitWatch {
  readonly #logs: readonly PartitionLog[];
  #looked = now();

  private constructor(logs: readonly PartitionLog[]) {
    this.#logs = logs;
  }

  /** Resolves when metrics has made its files. @param partitions - of the lane. */
  static async open(logsDir: string, signal: AbortSignal, partitions = 1): Promise<CommitWatch> {
    const lane = LanePartition.all(CHAMPION, partitions).map((partition) => lanePaths(logsDir, partition));
    for (const paths of lane)
      while (!existsSync(paths.log) || !existsSync(join(paths.state, "data.mdb"))) await delay(LOOK_MS, undefined, { signal });
    return new CommitWatch(lane.map((paths) => new PartitionLog(paths)));
  }

  /** The state of the logs, all together, if one has changed since the last look. */
  look(): Commit | undefined {
    const lookedBefore = this.#looked;
    this.#looked = now();
    // Each must be looked at.
    const changed = this.#logs.filter((log) => log.look());
    if (changed.length === 0) return undefined;
    const sum = (of: (log: PartitionLog) => number) => this.#logs.reduce((all, log) => all + of(log), 0);
    return { at: now(), lines: sum(({ lines }) => lines), length: sum(({ length }) => length), lookedBefore };
  }

  async close(): Promise<void> {
    await Promise.all(this.#logs.map((log) => log.close()));
  }
}

/** The log of a partition, as it was committed at the last look. */
class PartitionLog {
  lines = 0;
  /** Bytes. */
  length = 0;
  readonly #paths: LanePaths;
  readonly #store: StateStore;

  constructor(paths: LanePaths) {
    this.#paths = paths;
    this.#store = StateStore.openReadOnly(paths.state);
  }

  /** @returns whether it has changed since the last look. */
  look(): boolean {
    if (statSync(this.#paths.log).size <= this.length) return false;
    const log = this.#store.state()?.log;
    if (log === undefined || log.length === this.length) return false;
    this.lines = log.lines;
    this.length = log.length;
    return true;
  }

  close(): Promise<void> {
    return this.#store.close();
  }
}
