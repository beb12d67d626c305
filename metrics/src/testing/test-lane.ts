import {
  DONE,
  Ids,
  LanePartition,
  type CodeLayout,
  type Correction,
  type HeldOutError,
  type Outcome,
  type RowCodes,
} from "@streamgauge/core";
import type { Committed, Fault } from "../join/commit-cycle.js";
import { HalfFrame } from "../join/half-frame.js";
import { openJoin, type JoinOptions, type OpenJoin } from "../join/open-join.js";
import { lanePaths, type LanePaths } from "@streamgauge/core/metric-log";
import type { Side } from "../state/half-table.js";
import type { FreshFolder } from "@streamgauge/testing/vitest";
import { ManualClock } from "./manual-clock.js";

/** A frame that was sent, and its outcome; undefined until it is answered. */
export interface Sent {
  readonly frame: HalfFrame;
  outcome: Outcome | undefined;
}

/** How long a half waits in the store in tests, in ms. */
export const RETENTION_MS = 60_000;

/** An open join on a manual clock, with its commits and faults. */
export class TestLane {
  readonly clock: ManualClock;
  readonly join: OpenJoin;
  readonly paths: LanePaths;
  readonly commits: Committed[];
  readonly faults: Fault[];
  /** What predictions say of their model. */
  heldOut: HeldOutError | undefined;
  /** Half the width of the interval that predictions have; undefined: none. */
  halfWidth: number | undefined;
  /** The codes of each row that is predicted; undefined: none. */
  codes: { readonly layout: CodeLayout; readonly row: readonly number[] } | undefined;

  private constructor(clock: ManualClock, paths: LanePaths, join: OpenJoin, commits: Committed[], faults: Fault[]) {
    this.clock = clock;
    this.paths = paths;
    this.join = join;
    this.commits = commits;
    this.faults = faults;
  }

  static async open(folder: FreshFolder, options: Partial<JoinOptions> & { readonly clock?: ManualClock } = {}): Promise<TestLane> {
    const clock = options.clock ?? new ManualClock();
    const paths = lanePaths(folder.path, new LanePartition("champion"));
    const commits: Committed[] = [];
    const faults: Fault[] = [];
    const join = await openJoin(paths, {
      retentionMs: RETENTION_MS,
      damageOf: () => undefined,
      // The index of a lane in production takes 128 MiB.
      generationIds: 200_000,
      failpoint: () => undefined,
      onCommit: (committed) => commits.push(committed),
      onFault: (fault) => faults.push(fault),
      ...options,
      clock,
    });
    return new TestLane(clock, paths, join, commits, faults);
  }

  /** Hands a frame to the cycle, which takes it when the clock moves. @param eventTime - of all rows, ms since 1970; undefined: they do not say. */
  send(
    side: Side,
    halves: readonly (readonly [id: string, value: number])[],
    refused = 0,
    eventTime?: number,
    correction?: Correction,
  ): Sent {
    const now = this.clock.now();
    const sent: Sent = {
      frame: new HalfFrame({
        side,
        ids: Ids.of(halves.map(([id]) => id)),
        values: Float64Array.from(halves, ([, value]) => value),
        model: side === "y_pred" ? "linear 1" : "",
        unit: "",
        receivedAt: now,
        origin: now,
        eventTimes: eventTime === undefined ? undefined : new Float64Array(halves.length).fill(eventTime),
        halfWidths: side === "y_true" || this.halfWidth === undefined ? undefined : new Float64Array(halves.length).fill(this.halfWidth),
        codes: side === "y_true" ? undefined : this.#codesOf(halves.length),
        heldOut: side === "y_pred" ? this.heldOut : undefined,
        correction,
        refused,
        outcome: DONE,
        answer: (outcome) => (sent.outcome = outcome),
      }),
      outcome: undefined,
    };
    this.join.cycle.receive(sent.frame);
    return sent;
  }

  #codesOf(rows: number): RowCodes | undefined {
    if (this.codes === undefined) return undefined;
    const { layout, row } = this.codes;
    return { layout, bytes: Uint8Array.from({ length: rows * row.length }, (_, i) => row[i % row.length] ?? 0) };
  }

  labels(...halves: readonly (readonly [id: string, value: number])[]): Sent {
    return this.send("y_true", halves);
  }

  predictions(...halves: readonly (readonly [id: string, value: number])[]): Sent {
    return this.send("y_pred", halves);
  }

  /** Corrects labels. @param at - when they were corrected, ms since 1970. */
  corrections(at: number, ...halves: readonly (readonly [id: string, value: number])[]): Sent {
    return this.send("y_true", halves, 0, undefined, { who: "ann", at });
  }

  /** The counts of corrections that are not 0, with those that wait. */
  get correctionBalance(): Record<string, number> {
    const { balance, waiting } = this.join.state.corrections;
    return Object.fromEntries(Object.entries({ ...balance, waiting }).filter(([, count]) => count !== 0));
  }

  /** Runs the next commit, without spilling any half. */
  commit(): void {
    this.clock.advance(5);
  }

  /** Spills the halves that wait in memory to the store. */
  spill(): void {
    this.clock.advance(1_005);
  }

  /** The counts of a side that are not 0, with the pending halves. */
  balance(side: Side): Record<string, number> {
    const { balance, pending } = this.join.state;
    const all = { ...balance[side], pending: pending.counts[side] };
    return Object.fromEntries(Object.entries(all).filter(([, count]) => count !== 0));
  }

  /** Ends like a killed process, and starts again from what is on disk. */
  async reopen(folder: FreshFolder, options: Partial<JoinOptions> = {}): Promise<TestLane> {
    await this.join.close();
    return TestLane.open(folder, { ...options, clock: this.clock });
  }
}
