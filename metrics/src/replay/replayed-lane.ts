import { basename } from "node:path";
import {
  DONE,
  LanePartition,
  type Alert,
  type Closable,
  type HeldOutError,
  type Ids,
  type MonitoredReference,
  takeCodes,
  type RowCodes,
} from "@streamgauge/core";
import { lanePaths } from "@streamgauge/core/metric-log";
import type { AlarmSettings } from "../alarm/alarm-settings.js";
import type { Rule } from "../alerting/rules/rule.js";
import { HalfFrame } from "../join/half-frame.js";
import { openJoin, type OpenJoin } from "../join/open-join.js";
import { SYSTEM_DISK, type Disk } from "../log/append-file.js";
import type { Side } from "../state/half-table.js";
import type { StateStore } from "../state/state-store.js";
import { ReplayClock } from "./replay-clock.js";

/** Predicted rows of one model version in the order of their event times; all shapes [n]. */
export interface PredictedHistory {
  readonly ids: Ids;
  /** ms since 1970, ascending. */
  readonly times: Float64Array;
  readonly yPred: Float64Array;
  /** NaN for a row without a label. */
  readonly yTrue: Float64Array;
  /** Name and version. */
  readonly model: string;
  readonly unit: string;
  readonly heldOut: HeldOutError | undefined;
  /** The first row with bins: those before are the reference. Default: 0. */
  readonly codedFrom?: number | undefined;
  /** The bins of the features of the rows from there on, and the reference that they are of; undefined if the model has none. */
  readonly codes?: RowCodes | undefined;
  readonly reference?: MonitoredReference | undefined;
}

/** How a history is replayed: as the settings of metrics. */
export interface ReplayOptions {
  readonly alarm: AlarmSettings;
  readonly intervalCoverage: number;
  readonly retentionMs: number;
  /** The rules of the lane; undefined: none is looked at. */
  readonly rules: readonly Rule[] | undefined;
  /** How long after its event a label comes, in ms. */
  readonly labelDelayMs: number;
}

/** Rows that happened within this time are predicted together, and share the width that was announced before; in ms. Commits pause for less. */
const TOGETHER_MS = 20;
const SETTLED_MS = 16;
/** So many steps are one transaction of the store; after them other tasks of the process have their turn. */
const STEPS_AT_ONCE = 500;
/** Nothing of a replay needs to outlive a power failure. */
const FLEETING_DISK: Disk = { ...SYSTEM_DISK, sync: () => undefined };

/**
 * A lane that goes through a history as metrics would have gone through it while it happened: the same join, commits, windows, alarm, intervals and rules, on a clock that
 * shows the times of the rows. It needs no broker.
 */
export class ReplayedLane implements Closable {
  readonly #history: PredictedHistory;
  readonly #options: ReplayOptions;
  readonly #clock: ReplayClock;
  readonly #join: OpenJoin;
  /** The alerts that fired and were resolved, in their order. */
  readonly alerts: Alert[] = [];
  /** Half the width that was announced with each row, shape [n]; NaN for those before the first. */
  readonly halfWidths: Float64Array;
  #predicted = 0;
  #labelled = 0;
  /** The sequence of the last alert that was taken. */
  #taken = 0;

  private constructor(history: PredictedHistory, options: ReplayOptions, clock: ReplayClock, join: OpenJoin) {
    this.#history = history;
    this.#options = options;
    this.#clock = clock;
    this.#join = join;
    this.halfWidths = new Float64Array(history.times.length).fill(Number.NaN);
  }

  /** @param logsDir - an empty folder, which gets the log of the lane. */
  static async open(logsDir: string, lane: string, history: PredictedHistory, options: ReplayOptions): Promise<ReplayedLane> {
    const paths = lanePaths(logsDir, new LanePartition(lane));
    const clock = new ReplayClock((history.times[0] ?? 0) - 1);
    const { rules, alarm, intervalCoverage, retentionMs } = options;
    const logFile = basename(paths.log);
    const replayed: { lane?: ReplayedLane } = {};
    const join = await openJoin(paths, {
      clock,
      disk: FLEETING_DISK,
      isDurable: false,
      // On this clock seconds pass at every step.
      storeEveryMs: Infinity,
      damageOf: () => undefined,
      generationIds: Math.max(1_000, history.times.length + 1),
      alarm,
      intervalCoverage,
      retentionMs,
      alerting: rules === undefined ? undefined : { rules, lane, pageUrl: undefined, logFile, isSilenced: () => false },
      failpoint: () => undefined,
      onCommit: () => replayed.lane?.takeAlerts(),
      onFault: ({ error }) => {
        throw error;
      },
    });
    if (history.reference !== undefined) join.state.monitor.references.learn(history.reference);
    replayed.lane = new ReplayedLane(history, options, clock, join);
    return replayed.lane;
  }

  /** Goes through the whole history. */
  async run(): Promise<void> {
    while (!this.#isDone) {
      this.store.together(() => {
        for (let step = 0; step < STEPS_AT_ONCE && !this.#isDone; step += 1) this.#step();
      });
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#join.state.monitor.setStoreEvery(0);
    this.#join.cycle.wake();
    this.#join.cycle.wake();
    for (const later of [2_000, 4_000]) this.#clock.jumpTo(this.#clock.now() + later);
    this.takeAlerts();
  }

  get #isDone(): boolean {
    const { length } = this.#history.times;
    return this.#predicted >= length && this.#labelled >= length;
  }

  #step(): void {
    const { times } = this.#history;
    const { labelDelayMs: delay } = this.#options;
    const now = Math.min(times[this.#predicted] ?? Infinity, (times[this.#labelled] ?? Infinity) + delay);
    this.#clock.jumpTo(now);
    this.#predicted = this.#send("y_pred", this.#predicted, now + TOGETHER_MS);
    // A label comes after its prediction.
    this.#labelled = this.#send("y_true", this.#labelled, Math.min(now + TOGETHER_MS - delay, this.#timeAt(this.#predicted)));
    this.#clock.jumpTo(now + SETTLED_MS);
  }

  /** When the i-th row happened; Infinity behind the last one. */
  #timeAt(i: number): number {
    return this.#history.times[i] ?? Infinity;
  }

  /** Hands over rows from `from` on that happened before a time. @returns the first one that did not. */
  #send(side: Side, from: number, before: number): number {
    const { times } = this.#history;
    let to = from;
    while (to < times.length && (times[to] ?? 0) < before) to += 1;
    const rows = Array.from({ length: to - from }, (_, i) => from + i);
    for (const sent of this.#framesOf(side, rows)) this.#join.cycle.receive(this.#frame(side, sent));
    return to;
  }

  /** The rows of each frame that is sent. Of the labels those that there are; of a frame of predictions all rows have bins, or none has. */
  #framesOf(side: Side, rows: readonly number[]): readonly (readonly number[])[] {
    const { yTrue, codedFrom = 0 } = this.#history;
    const frames =
      side === "y_true"
        ? [rows.filter((row) => !Number.isNaN(yTrue[row] ?? Number.NaN))]
        : [rows.filter((row) => row < codedFrom), rows.filter((row) => row >= codedFrom)];
    return frames.filter(({ length }) => length > 0);
  }

  #frame(side: Side, rows: readonly number[]): HalfFrame {
    const { ids, times, yPred, yTrue, model, unit, heldOut, codes, codedFrom = 0 } = this.#history;
    const [now, isPrediction] = [this.#clock.now(), side === "y_pred"];
    const values = isPrediction ? yPred : yTrue;
    const isCoded = isPrediction && (rows[0] ?? 0) >= codedFrom;
    const halfWidth = isPrediction ? (this.#join.state.monitor.intervals.halfWidthOf(model) ?? Number.NaN) : Number.NaN;
    if (isPrediction) for (const row of rows) this.halfWidths[row] = halfWidth;
    return new HalfFrame({
      side,
      ids: ids.take(rows),
      values: Float64Array.from(rows, (row) => values[row] ?? Number.NaN),
      model: isPrediction ? model : "",
      unit: isPrediction ? unit : "",
      eventTimes: isPrediction ? Float64Array.from(rows, (row) => times[row] ?? Number.NaN) : undefined,
      halfWidths: Number.isNaN(halfWidth) ? undefined : new Float64Array(rows.length).fill(halfWidth),
      codes: isCoded
        ? takeCodes(
            codes,
            rows.map((row) => row - codedFrom),
          )
        : undefined,
      heldOut: isPrediction ? heldOut : undefined,
      receivedAt: now,
      origin: now,
      refused: 0,
      outcome: DONE,
      answer: () => undefined,
    });
  }

  /** Takes what would have been sent. */
  takeAlerts(): void {
    const { alerting } = this.#join.state;
    for (const { sequence, alert } of alerting?.outbox.entries ?? []) {
      if (this.#taken >= sequence) continue;
      this.#taken = sequence;
      this.alerts.push(alert);
      alerting?.confirm(sequence);
    }
  }

  /** What its clock shows, ms since 1970. */
  get now(): number {
    return this.#clock.now();
  }

  /** The state of the lane, to be read. */
  get store(): StateStore {
    return this.#join.state.store;
  }

  close(): Promise<void> {
    return this.#join.close();
  }
}
