import {
  ErrorWindow,
  keptFrom,
  LabelledRow,
  startOf,
  WINDOW_SIZES,
  type PairGrid,
  type SignedValue,
  type SavedWindow,
  type WorstRow,
  type WindowReference,
  type WindowSize,
} from "@streamgauge/core/windows";
import type { WindowTable } from "../state/window-table.js";
import type { NamedRow } from "./journal.js";
import { RowRun } from "./row-run.js";

/** Windows of a size in memory. When there are more, all are stored: rows may come from any time. */
const MAX_IN_MEMORY = 2_000;
/** Windows of a size that changed since they were stored. */
const MAX_UNSAVED = 300;

/** Which windows changed: sizes and starts. */
export type WindowKey = readonly [size: WindowSize, start: number];

/** The windows of one size, in memory as far as they were used lately. */
class WindowsOfSize {
  readonly size: WindowSize;
  readonly ms: number;
  readonly inMemory = new Map<number, ErrorWindow>();
  /** Changed in this commit. */
  readonly touched = new Set<ErrorWindow>();
  /** Changed since they were stored. */
  readonly unsaved = new Set<ErrorWindow>();
  /** Windows that begin before are not kept. ms since 1970. */
  horizon = -Infinity;
  /** Of `touched`, the one used last: rows of one moment come together. */
  last: ErrorWindow | undefined;
  /** Its first moment, and the first one after it; ms since 1970. */
  lastFrom = Infinity;
  lastTo = -Infinity;

  constructor({ name, ms }: (typeof WINDOW_SIZES)[number]) {
    this.size = name;
    this.ms = ms;
  }
}

/** A row of which another label came. */
export type RestatedRow = Omit<WorstRow, "peak">;

export interface WindowsOptions {
  readonly table: WindowTable;
  /** How long a half waits for its partner, in ms. */
  readonly retentionMs: number;
  /** The latest event time that is not in the future, ms since 1970; -Infinity before the first. */
  readonly watermark: number;
  /** The share of rows whose announced interval is to hold the label. */
  readonly coverage: number;
  /** Of a model version; NaN while there is none. */
  readonly referenceOf: (model: string) => WindowReference;
  /** Where the pairs of a model version are counted finely; undefined before there are tenths. */
  readonly gridOf: (model: string) => PairGrid | undefined;
}

/**
 * The windows that rows fall into by their event time, one of each size. A row changes them within a commit; `store` writes what changed since the
 * last time.
 * After a failed commit they no longer agree with the store: discard them.
 */
export class Windows {
  readonly #table: WindowTable;
  /** How long a half waits for its partner, in ms. */
  retentionMs: number;
  /** See `WindowsOptions`. */
  coverage: number;
  readonly #referenceOf: (model: string) => WindowReference;
  readonly #gridOf: WindowsOptions["gridOf"];
  readonly #sizes = WINDOW_SIZES.map((size) => new WindowsOfSize(size));
  readonly #row = new LabelledRow();
  readonly #wrongRow = new LabelledRow();
  /** Rows that are not in their windows yet. */
  readonly #run = new RowRun();
  #watermark: number;
  #madeRoom = false;
  /** Changed since `takeChanged`. */
  #toPublish = new Map<string, WindowKey>();

  constructor({ table, retentionMs, coverage, watermark, referenceOf, gridOf }: WindowsOptions) {
    this.#table = table;
    this.retentionMs = retentionMs;
    this.coverage = coverage;
    this.#referenceOf = referenceOf;
    this.#gridOf = gridOf;
    this.#watermark = watermark;
    for (const of of this.#sizes) of.horizon = keptFrom(of.size, watermark);
  }

  get watermark(): number {
    return this.#watermark;
  }

  /** Where the kept minute windows begin, ms since 1970. */
  get oldest(): number {
    return this.#sizes[0]?.horizon ?? -Infinity;
  }

  /** Event times up to this one are known to have come; the oldest windows make room. @param time - not in the future. */
  advanceTo(time: number): void {
    if (time > this.#watermark) this.#watermark = time;
  }

  /** Counts a prediction. @param tenth - of its y_pred. @param at - when it came in, ms since 1970. */
  predict(eventTime: number, tenth: number, at: number): void {
    for (const of of this.#sizes) this.#windowAt(of, eventTime)?.predict(tenth, at);
  }

  /** Takes back a prediction that was counted: another copy of its id was logged. */
  retract(eventTime: number, tenth: number): void {
    for (const of of this.#sizes) this.#windowAt(of, eventTime)?.retract(tenth);
  }

  /** Counts a label of a prediction that was counted. @param labelledAt - when it came in, ms since 1970. @param halfWidth - NaN if none was announced. */
  label(eventTime: number, yTrue: number, yPred: number, labelledAt: number, model: string, tenth: number, halfWidth: number): void {
    this.#runAt(eventTime, model).label(this.#row.set(yTrue, yPred, labelledAt - eventTime, tenth, this.#gridOf(model), halfWidth));
  }

  /** Counts a prediction and its label. @param predictedAt - when the prediction came in, ms since 1970. */
  pair(
    eventTime: number,
    yTrue: number,
    yPred: number,
    predictedAt: number,
    labelledAt: number,
    model: string,
    tenth: number,
    halfWidth: number,
  ): void {
    const row = this.#row.set(yTrue, yPred, labelledAt - eventTime, tenth, this.#gridOf(model), halfWidth);
    this.#runAt(eventTime, model).pair(row, predictedAt);
  }

  /** The error of the row that was counted last. Valid until the next one. */
  get lastError(): SignedValue {
    return this.#row.error;
  }

  /** Whether the row that was counted last may be among the worst of its windows: then it must be ranked. */
  get mayBeWorst(): boolean {
    return this.#run.mayBeWorst(this.#row);
  }

  /** Ranks the row that was counted last. */
  rank({ id, line }: NamedRow, eventTime: number, model: string, yTrue: number, yPred: number): void {
    this.#run.rank({ id, line, eventTime, model, first: yTrue, yTrue, yPred, peak: this.#row.error.absolute });
  }

  /** The journal of an earlier version does not name the row that was counted last. */
  miss(): void {
    this.#run.miss(this.#row);
  }

  /** A label that was counted was wrong. @param before - that label. @param row - the row with the one that takes its place. */
  correct(before: number, row: RestatedRow, tenth: number, halfWidth: number): void {
    const { eventTime, model, yTrue, yPred } = row;
    this.#endRun();
    const grid = this.#gridOf(model);
    // How long the label took stays as it was.
    const wrong = this.#wrongRow.set(before, yPred, 0, tenth, grid, halfWidth);
    const right = this.#row.set(yTrue, yPred, 0, tenth, grid, halfWidth);
    const ranked = { ...row, peak: right.error.absolute };
    for (const of of this.#sizes) this.#windowAt(of, eventTime)?.correct(model, wrong, right, ranked);
  }

  /** A label of a row that was counted was refused, because a later one is in force. It ranks the row all the same. @param refused - that label. */
  offer(row: RestatedRow, refused: number): void {
    this.#endRun();
    const ranked = { ...row, peak: Math.abs(row.yPred - refused) };
    for (const of of this.#sizes) this.#windowAt(of, row.eventTime)?.worst.offer(ranked);
  }

  /** The run that a row belongs to. */
  #runAt(eventTime: number, model: string): RowRun {
    const run = this.#run;
    if (run.holds(eventTime, model)) return run;
    this.#endRun();
    run.begin(eventTime, model, this.#floorAt(eventTime));
    return run;
  }

  /** The least error with which a row is among the worst of the smallest window that holds this time: of the larger ones it is no less. */
  #floorAt(eventTime: number): number {
    for (const of of this.#sizes) {
      const window = this.#windowAt(of, eventTime);
      if (window !== undefined) return window.worst.floor;
    }
    return Infinity;
  }

  #endRun(): void {
    const run = this.#run;
    if (run.isEmpty) return;
    run.moveTo(this.#sizes.flatMap((of) => this.#windowAt(of, run.start) ?? []));
  }

  /** Counts a prediction whose label did not come in time. */
  expire(eventTime: number): void {
    for (const of of this.#sizes) {
      const window = this.#windowAt(of, eventTime);
      if (window !== undefined) window.expired += 1;
    }
  }

  /** The window that holds a time, as one that changes; undefined if it is no longer kept. */
  #windowAt(of: WindowsOfSize, time: number): ErrorWindow | undefined {
    if (time >= of.lastFrom && time < of.lastTo) return of.last;
    const start = startOf(time, of.ms);
    if (start < of.horizon) return undefined;
    let window = of.inMemory.get(start);
    if (window === undefined) {
      if (of.inMemory.size >= MAX_IN_MEMORY) this.#makeRoom(of);
      const saved = this.#table.get(of.size, start);
      window = saved === undefined ? new ErrorWindow(of.size, start) : ErrorWindow.of(saved);
      of.inMemory.set(start, window);
    }
    of.touched.add(window);
    of.lastFrom = start;
    of.lastTo = start + of.ms;
    return (of.last = window);
  }

  /** Within a commit, at its end. */
  endCommit(): void {
    this.#endRun();
    for (const of of this.#sizes) {
      this.#finish(of);
      const horizon = keptFrom(of.size, this.#watermark);
      // It moves once in the length of a window.
      if (!(horizon > of.horizon)) continue;
      of.horizon = horizon;
      for (const [start, window] of of.inMemory) {
        if (start >= horizon) continue;
        of.inMemory.delete(start);
        of.unsaved.delete(window);
      }
    }
  }

  #finish(of: WindowsOfSize): void {
    for (const window of of.touched) {
      window.revision += 1;
      window.finalAt = Math.max(window.start + of.ms, window.lastPredictedAt) + this.retentionMs;
      if (window.latestModel !== undefined) window.refer(this.#referenceOf(window.latestModel));
      if (window.hasIntervals) window.intervalTarget = this.coverage;
      of.unsaved.add(window);
      this.#toPublish.set(`${of.size} ${window.start}`, [of.size, window.start]);
    }
    of.touched.clear();
    of.last = undefined;
    of.lastFrom = Infinity;
  }

  /** Whether so much changed since the windows were stored that they should be stored with this commit. */
  get mustStore(): boolean {
    return this.#madeRoom || this.#sizes.some(({ unsaved }) => unsaved.size > MAX_UNSAVED);
  }

  /** Within a commit, after `endCommit`: stores what changed, and removes what is no longer kept. */
  store(): void {
    this.#madeRoom = false;
    for (const of of this.#sizes) {
      this.#table.removeBefore(of.size, of.horizon);
      this.#put(of);
      if (of.inMemory.size > MAX_UNSAVED) of.inMemory.clear();
    }
  }

  #put(of: WindowsOfSize): void {
    for (const window of of.unsaved) this.#table.put(window);
    of.unsaved.clear();
  }

  #makeRoom(of: WindowsOfSize): void {
    this.#finish(of);
    this.#put(of);
    of.inMemory.clear();
    this.#madeRoom = true;
  }

  /** The windows that changed since the last call. */
  takeChanged(): readonly WindowKey[] {
    const changed = [...this.#toPublish.values()];
    this.#toPublish = new Map();
    return changed;
  }

  /** Keeps keys for the next `takeChanged`. */
  putBack(keys: readonly WindowKey[]): void {
    for (const key of keys) this.#toPublish.set(key.join(" "), key);
  }

  /** All windows that are kept, of each size in order. Between commits, or after `endCommit`. */
  keys(): WindowKey[] {
    return this.#sizes.flatMap((of) => this.#starts(of, -Infinity, Infinity).map((start) => [of.size, start] as const));
  }

  #starts({ size, horizon, unsaved }: WindowsOfSize, from: number, to: number): number[] {
    const starts = new Set(this.#table.starts(size, Math.max(from, horizon), to));
    for (const { start } of unsaved) if (start >= from && start < to) starts.add(start);
    return [...starts].sort((a, b) => a - b);
  }

  /** The windows of a size that begin in `from` or later and before `to`, in order; ms since 1970. Between commits, or after `endCommit`. */
  *range(size: WindowSize, from: number, to: number): Generator<SavedWindow> {
    const of = this.#sizes.find((each) => each.size === size);
    if (of === undefined) return;
    for (const start of this.#starts(of, from, to)) {
      const window = this.saved([size, start]);
      if (window !== undefined) yield window;
    }
  }

  /** The same windows as they are in memory: for readers who come often. Do not change them; the next commit may. */
  within(size: WindowSize, from: number, to: number): ErrorWindow[] {
    const of = this.#sizes.find((each) => each.size === size);
    if (of === undefined) return [];
    return this.#starts(of, from, to).flatMap((start) => of.inMemory.get(start) ?? this.#readAt(of, start) ?? []);
  }

  /** A stored window. It stays in memory if there is room: who reads it reads it again. */
  #readAt(of: WindowsOfSize, start: number): ErrorWindow | undefined {
    const saved = this.#table.get(of.size, start);
    if (saved === undefined) return undefined;
    const window = ErrorWindow.of(saved);
    if (of.inMemory.size < MAX_IN_MEMORY) of.inMemory.set(start, window);
    return window;
  }

  /** A window as it is committed; undefined if it is not kept. Between commits. */
  saved([size, start]: WindowKey): SavedWindow | undefined {
    const of = this.#sizes.find((each) => each.size === size);
    if (of === undefined || start < of.horizon) return undefined;
    return of.inMemory.get(start)?.save() ?? this.#table.get(size, start);
  }
}
