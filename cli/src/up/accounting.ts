import { setTimeout as delay } from "node:timers/promises";
import { queuesOf, type Bus, type Logger } from "@streamgauge/core";
import type { Balance, Side } from "@streamgauge/metrics";
import type { Scoring } from "@streamgauge/model";

/** What is looked at of metrics; undefined while the disk cannot be written to. */
export interface JoinProgress {
  readonly state:
    { readonly balance: Readonly<Record<Side, Balance>>; readonly rooms: Readonly<Record<Side, { readonly size: number }>> } | undefined;
}

export interface AccountingOptions {
  /** Rows of this run. */
  readonly sent: number;
  readonly metrics: JoinProgress;
  readonly scoring: Pick<Scoring, "counts" | "inHand">;
  /** The balance of labels before the run. */
  readonly before: Balance | undefined;
  readonly bus: Pick<Bus, "depth">;
  readonly lane: string;
}

/** What is looked at of a lane beside the champion. */
export interface SideProgress extends Pick<AccountingOptions, "metrics" | "before" | "lane"> {
  /** Undefined where its model cannot be used. */
  readonly scoring: AccountingOptions["scoring"] | undefined;
}

/** Some rows neither reached the log nor were refused, and nothing moves any more. */
export class RowsMissingError extends Error {
  override readonly name = "RowsMissingError";
  readonly missing: number;

  constructor(missing: number) {
    super(`${missing} rows are not accounted for, and the queues are empty. Does another process score or log the same lane?`);
    this.missing = missing;
  }
}

/** More than the pause between two notices of metrics, so that the view has seen the last rows. */
const LOOK_MS = 120;
/** Nothing moved for so long: nothing will. A half waits up to a second in memory before it is looked at again. */
const STILL_MS = 10_000;

/**
 * Resolves when every row of the run is accounted for, see `Accounting`, or when it is stopped.
 *
 * @throws RowsMissingError
 */
export async function allAccountedFor(options: AccountingOptions, signal: AbortSignal): Promise<void> {
  const accounting = new Accounting(options);
  while (!signal.aborted && !(await accounting.isComplete(performance.now())))
    await delay(LOOK_MS, undefined, { signal }).catch(() => undefined);
}

/**
 * Resolves when a lane beside the champion is done with the rows that it got; it may have missed some. A lane whose model cannot
 * be used is not waited for.
 */
export async function sideAccountedFor(
  { lane, metrics, scoring, before }: SideProgress,
  { sent, bus, log }: Pick<AccountingOptions, "sent" | "bus"> & { readonly log: Logger },
  signal: AbortSignal,
): Promise<void> {
  if (scoring === undefined) return;
  await allAccountedFor({ sent, metrics, scoring, before, bus, lane }, signal).catch((error: unknown) => {
    if (!(error instanceof RowsMissingError)) throw error;
    log.warn(`Lane ${lane} missed ${error.missing} rows of this run.`);
  });
}

/** Looks again and again whether a run is over. */
export class Accounting {
  readonly #options: AccountingOptions;
  #last = "";
  #lastChange: number | undefined;

  constructor(options: AccountingOptions) {
    this.#options = options;
  }

  /**
   * Whether every row is accounted for (logged, a duplicate, in conflict, refused, or unmatched) and nothing moved
   * since the last look: over RabbitMQ, rows of an earlier run may have waited in the queues before those of this one.
   *
   * @param now - ms, of a clock that only goes forward.
   * @throws RowsMissingError where rows are missing and nothing moved for 10 s.
   */
  async isComplete(now: number): Promise<boolean> {
    const { sent, metrics, scoring, before } = this.#options;
    const counts = JSON.stringify([metrics.state?.balance, scoring.counts]);
    const still = counts === this.#last && (await isIdle(this.#options));
    this.#last = counts;
    const settled = settledLabels(metrics, before) + scoring.counts.refused;
    if (still && settled >= sent) return true;
    if (!still) this.#lastChange = now;
    else if (now - (this.#lastChange ?? now) > STILL_MS) throw new RowsMissingError(sent - settled);
    return false;
  }
}

/** Labels of the run that need nothing more. */
function settledLabels({ state }: JoinProgress, before: Balance | undefined): number {
  const count = (balance: Balance | undefined) =>
    balance === undefined ? 0 : balance.logged + balance.unmatched + balance.deadLettered + balance.duplicates + balance.conflicts;
  return count(state?.balance.y_true) - count(before);
}

/** Whether nothing is under way: in the queues, in the model, and in the join. */
async function isIdle({ bus, lane, metrics: { state }, scoring }: AccountingOptions): Promise<boolean> {
  if (scoring.inHand > 0 || state === undefined || state.rooms.y_true.size + state.rooms.y_pred.size > 0) return false;
  const { features, labels, predictions } = queuesOf(lane);
  try {
    const depths = await Promise.all([features, labels, predictions].map((queue) => bus.depth(queue)));
    return depths.every((depth) => depth === 0);
  } catch {
    // The link is lost just now, and is made again.
    return false;
  }
}
