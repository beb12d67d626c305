import { setTimeout as delay } from "node:timers/promises";
import { queuesOf, type Bus } from "@streamgauge/core";
import type { Balance, Metrics, Side } from "@streamgauge/metrics";
import type { Scoring } from "@streamgauge/model";

type Balances = Readonly<Record<Side, Balance>>;

export interface AccountingOptions {
  /** Rows of this run. */
  readonly sent: number;
  readonly metrics: Metrics;
  readonly scoring: Scoring;
  /** The balance before the run. */
  readonly before: Balances | undefined;
  readonly bus: Bus;
  readonly lane: string;
  readonly signal: AbortSignal;
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

const LOOK_MS = 50;
/** Nothing moved for so long: nothing will. A half waits up to a second in memory before it is looked at again. */
const STILL_MS = 10_000;

/**
 * Resolves when every row of the run is accounted for: logged, a duplicate, refused, or unmatched.
 *
 * @throws RowsMissingError where the queues are empty and nothing changed for 10 s.
 */
export async function allAccountedFor({ sent, metrics, scoring, before, bus, lane, signal }: AccountingOptions): Promise<void> {
  let lastCount = -1;
  let lastChange = performance.now();
  while (!signal.aborted) {
    const done = settledLabels(metrics, before) + scoring.counts.refused;
    if (done >= sent) return;
    if (done !== lastCount) {
      lastCount = done;
      lastChange = performance.now();
    } else if (performance.now() - lastChange > STILL_MS) {
      if ((await waitingMessages(bus, lane)) === 0) throw new RowsMissingError(sent - done);
      lastChange = performance.now();
    }
    await delay(LOOK_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** Labels of the run that need nothing more. */
function settledLabels({ state }: Metrics, before: Balances | undefined): number {
  const count = (balance: Balance | undefined) =>
    balance === undefined ? 0 : balance.logged + balance.unmatched + balance.deadLettered + balance.duplicates + balance.conflicts;
  return count(state?.balance.y_true) - count(before?.y_true);
}

async function waitingMessages(bus: Bus, lane: string): Promise<number> {
  const { features, labels, predictions } = queuesOf(lane);
  const depths = await Promise.all([features, labels, predictions].map((queue) => bus.depth(queue)));
  return depths.reduce((sum, depth) => sum + depth, 0);
}
