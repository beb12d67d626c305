import { setTimeout as delay } from "node:timers/promises";
import { joinQueuesOf, queuesOf, type Bus, type Logger } from "@streamgauge/core";
import type { Balance } from "@streamgauge/metrics";
import type { LaneProgress } from "./threads/thread-messages.js";
import type { Scoring } from "@streamgauge/model";

type Joined = Pick<LaneProgress, "balance" | "waiting">;

/** The progress of metrics; undefined while the disk is not writable. */
export interface JoinProgress {
  progress(): Promise<Joined | undefined>;
}

export interface AccountingOptions {
  /** Rows of this run. */
  readonly sent: number;
  readonly metrics: JoinProgress;
  readonly scoring: Pick<Scoring, "counts" | "inFlight">;
  /** The balance of labels before the run. */
  readonly before: Balance | undefined;
  readonly bus: Pick<Bus, "depth">;
  readonly lane: string;
  /** Of the lane. Default: 1. */
  readonly partitions?: number;
}

/** The progress of a lane beside the champion. */
export interface SideProgress extends Pick<AccountingOptions, "metrics" | "before" | "lane"> {
  /** Undefined if its model is unusable. */
  readonly scoring: AccountingOptions["scoring"] | undefined;
}

/** Some rows were neither logged nor refused, and progress has stopped. */
export class RowsMissingError extends Error {
  override readonly name = "RowsMissingError";
  readonly missing: number;

  constructor(missing: number) {
    super(`${missing} rows are not accounted for, and the queues are empty. Does another process score or log the same lane?`);
    this.missing = missing;
  }
}

/** Longer than the interval between notices of metrics, so that the view shows the last rows. */
const LOOK_MS = 120;
/** Progress has stopped after this time. A half waits up to a second in memory before it is checked again. */
const STILL_MS = 10_000;

/**
 * Resolves when every row of the run is accounted for (see `Accounting`), or when it is stopped.
 *
 * @throws RowsMissingError
 */
export async function allAccountedFor(options: AccountingOptions, signal: AbortSignal): Promise<void> {
  const accounting = new Accounting(options);
  while (!signal.aborted && !(await accounting.isComplete(performance.now())))
    await delay(LOOK_MS, undefined, { signal }).catch(() => undefined);
}

/**
 * Resolves when a lane beside the champion has processed the rows that it got; it may have missed some. Does not wait for a lane
 * whose model is unusable.
 */
export async function sideAccountedFor(
  { lane, metrics, scoring, before }: SideProgress,
  { sent, bus, partitions, log }: Pick<AccountingOptions, "sent" | "bus" | "partitions"> & { readonly log: Logger },
  signal: AbortSignal,
): Promise<void> {
  if (scoring === undefined) return;
  await allAccountedFor({ sent, metrics, scoring, before, bus, lane, ...(partitions === undefined ? {} : { partitions }) }, signal).catch(
    (error: unknown) => {
      if (!(error instanceof RowsMissingError)) throw error;
      log.warn(`Lane ${lane} missed ${error.missing} rows of this run.`);
    },
  );
}

/** Checks repeatedly whether a run is over. */
export class Accounting {
  readonly #options: AccountingOptions;
  #last = "";
  #lastChange: number | undefined;

  constructor(options: AccountingOptions) {
    this.#options = options;
  }

  /**
   * Whether every row is accounted for (logged, a duplicate, in conflict, refused, or unmatched) and nothing changed
   * since the last check: over RabbitMQ, rows of an earlier run may be queued before those of this one.
   *
   * @param now - ms, by a monotonic clock.
   * @throws RowsMissingError if rows are missing and nothing changed for 10 s.
   */
  async isComplete(now: number): Promise<boolean> {
    const { sent, metrics, scoring, before } = this.#options;
    const joined = await metrics.progress();
    const counts = JSON.stringify([joined?.balance, scoring.counts]);
    const still = counts === this.#last && (await isIdle(this.#options, joined));
    this.#last = counts;
    const settled = settledLabels(joined, before) + scoring.counts.refused;
    if (still && settled >= sent) return true;
    if (!still) this.#lastChange = now;
    else if (now - (this.#lastChange ?? now) > STILL_MS) throw new RowsMissingError(sent - settled);
    return false;
  }
}

/** Labels of the run with a final outcome. */
function settledLabels(joined: Joined | undefined, before: Balance | undefined): number {
  const count = (balance: Balance | undefined) =>
    balance === undefined ? 0 : balance.logged + balance.unmatched + balance.deadLettered + balance.duplicates + balance.conflicts;
  return count(joined?.balance.y_true) - count(before);
}

/** Whether no row is in the queues, in the model or in the join. */
async function isIdle({ bus, lane, partitions = 1, scoring }: AccountingOptions, joined: Joined | undefined): Promise<boolean> {
  if (scoring.inFlight > 0 || joined === undefined || joined.waiting.y_true + joined.waiting.y_pred > 0) return false;
  try {
    const depths = await Promise.all([queuesOf(lane).features, ...joinQueuesOf(lane, partitions)].map((queue) => bus.depth(queue)));
    return depths.every((depth) => depth === 0);
  } catch {
    // The link is down, and reconnects.
    return false;
  }
}
