import { CHAMPION, LanePartition, mergeMoments, type Closable, type ServiceScope } from "@streamgauge/core";
import type { Side } from "@streamgauge/metrics";
import type { Worker } from "node:worker_threads";
import { addedBalance } from "../added-balance.js";
import type { Links } from "./links.js";
import type { ServiceThread } from "./threads/service-thread.js";
import type { LaneProgress } from "./threads/thread-messages.js";

/** metrics of a lane in this process: a thread for each of its partitions. */
export class LaneMetrics implements Closable {
  readonly #threads: readonly ServiceThread[];

  private constructor(threads: readonly ServiceThread[]) {
    this.#threads = threads;
  }

  /** @param worker - loads metrics for the first thread. @throws what the start of a partition throws. */
  static async start(
    scope: ServiceScope,
    links: Links,
    { lane = CHAMPION, partitions, worker }: { readonly lane?: string; readonly partitions: number; readonly worker?: Worker },
  ): Promise<LaneMetrics> {
    const starting = LanePartition.all(lane, partitions).map(async ({ index }) => {
      const link = await links.link("metrics", lane, partitions === 1 ? undefined : new LanePartition(lane, index, partitions));
      return links.thread(scope, "metrics", link, index === 1 ? worker : undefined);
    });
    try {
      return new LaneMetrics(await Promise.all(starting));
    } catch (error) {
      for (const thread of await Promise.allSettled(starting)) if (thread.status === "fulfilled") await thread.value.close();
      throw error;
    }
  }

  /** How far the partitions are together; undefined while the disk of one cannot be written, and after the end. */
  async progress(): Promise<LaneProgress | undefined> {
    const all = await Promise.all(this.#threads.map((thread) => thread.progress()));
    const known = all.filter((progress) => progress !== undefined);
    return known.length < all.length ? undefined : known.reduce(added);
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }
}

function added(one: LaneProgress, other: LaneProgress): LaneProgress {
  const both = <T>(of: (side: Side) => T) => ({ y_true: of("y_true"), y_pred: of("y_pred") });
  return {
    balance: both((side) => addedBalance(one.balance[side], other.balance[side])),
    waiting: both((side) => one.waiting[side] + other.waiting[side]),
    versions: addedVersions(one.versions, other.versions),
    logLengths: [...one.logLengths, ...other.logLengths],
  };
}

function addedVersions(one: LaneProgress["versions"], other: LaneProgress["versions"]): LaneProgress["versions"] {
  const moments = new Map(one.map((version) => [version.model, version.moments]));
  for (const { model, moments: more } of other) {
    const so = moments.get(model);
    moments.set(model, so === undefined ? more : mergeMoments(so, more));
  }
  return Array.from(moments, ([model, of]) => ({ model, moments: of }));
}
