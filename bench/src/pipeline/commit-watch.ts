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
  readonly #paths: LanePaths;
  readonly #store: StateStore;
  #length = 0;
  #looked = now();

  private constructor(paths: LanePaths, store: StateStore) {
    this.#paths = paths;
    this.#store = store;
  }

  /** Resolves when metrics has made its files. */
  static async open(logsDir: string, signal: AbortSignal): Promise<CommitWatch> {
    const paths = lanePaths(logsDir, new LanePartition(CHAMPION));
    while (!existsSync(paths.log) || !existsSync(join(paths.state, "data.mdb"))) await delay(LOOK_MS, undefined, { signal });
    return new CommitWatch(paths, StateStore.openReadOnly(paths.state));
  }

  /** The state of the log if it has changed since the last look. */
  look(): Commit | undefined {
    const lookedBefore = this.#looked;
    this.#looked = now();
    if (statSync(this.#paths.log).size <= this.#length) return undefined;
    const log = this.#store.state()?.log;
    if (log === undefined || log.length === this.#length) return undefined;
    this.#length = log.length;
    return { at: now(), lines: log.lines, length: log.length, lookedBefore };
  }

  close(): Promise<void> {
    return this.#store.close();
  }
}
