import { ErrorWindow, keptFrom, LabelledRow, startOf, WINDOW_SIZES, type SavedWindow, type WindowSize } from "@streamgauge/core/windows";
import type { WindowTable } from "../state/window-table.js";

/** Windows in memory. When there are more, all are stored: rows may come from any time. */
const MAX_IN_MEMORY = 2_000;

/** Which windows changed: sizes and starts. */
export type WindowKey = readonly [size: WindowSize, start: number];

/** The windows of one size, in memory as far as they were used lately. */
class WindowsOfSize {
  readonly size: WindowSize;
  readonly ms: number;
  readonly inMemory = new Map<number, ErrorWindow>();
  /** Not stored since they changed. */
  readonly changed = new Set<ErrorWindow>();
  /** Windows that begin before are not kept. ms since 1970. */
  horizon = -Infinity;
  last: ErrorWindow | undefined;

  constructor({ name, ms }: (typeof WINDOW_SIZES)[number]) {
    this.size = name;
    this.ms = ms;
  }
}

export interface WindowsOptions {
  readonly table: WindowTable;
  /** How long a half waits for its partner, in ms. */
  readonly retentionMs: number;
  /** The latest event time that is not in the future, ms since 1970; -Infinity before the first. */
  readonly watermark: number;
  /** Mean |e| of the reference of a model version; NaN while there is none. */
  readonly referenceMae: (model: string) => number;
}

/**
 * The windows that rows fall into by their event time, one of each size. A row changes them within a commit; `write` stores what changed.
 * After a failed commit they no longer agree with the store: discard them.
 */
export class Windows {
  readonly #table: WindowTable;
  readonly #retentionMs: number;
  readonly #referenceMae: (model: string) => number;
  readonly #sizes = WINDOW_SIZES.map((size) => new WindowsOfSize(size));
  readonly #row = new LabelledRow();
  #watermark: number;
  /** Changed since `takeChanged`. */
  #toPublish = new Map<string, WindowKey>();

  constructor({ table, retentionMs, watermark, referenceMae }: WindowsOptions) {
    this.#table = table;
    this.#retentionMs = retentionMs;
    this.#referenceMae = referenceMae;
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

  /** Counts a label of a prediction that was counted. @param labelledAt - when it came in, ms since 1970. */
  label(eventTime: number, yTrue: number, yPred: number, labelledAt: number, model: string, tenth: number): void {
    const row = this.#row.set(yTrue, yPred, labelledAt - eventTime, model, tenth);
    for (const of of this.#sizes) this.#windowAt(of, eventTime)?.label(row);
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
    const start = startOf(time, of.ms);
    if (of.last?.start === start) return of.last;
    if (start < of.horizon) return undefined;
    let window = of.inMemory.get(start);
    if (window === undefined) {
      if (of.inMemory.size >= MAX_IN_MEMORY) this.#store(of);
      const saved = this.#table.get(of.size, start);
      window = saved === undefined ? new ErrorWindow(of.size, start) : ErrorWindow.of(saved);
      of.inMemory.set(start, window);
    }
    of.changed.add(window);
    return (of.last = window);
  }

  /** Within a commit: stores what changed, and removes what is no longer kept. */
  write(): void {
    this.#moveHorizons();
    for (const of of this.#sizes) {
      for (const [start, window] of of.inMemory) {
        if (start >= of.horizon) continue;
        of.inMemory.delete(start);
        of.changed.delete(window);
      }
      this.#put(of);
    }
  }

  #put(of: WindowsOfSize): void {
    for (const window of of.changed) {
      window.revision += 1;
      window.finalAt = Math.max(window.start + of.ms, window.lastPredictedAt) + this.#retentionMs;
      if (window.latestModel !== undefined) window.referenceMae = this.#referenceMae(window.latestModel);
      this.#table.put(window);
      this.#toPublish.set(`${of.size} ${window.start}`, [of.size, window.start]);
    }
    of.changed.clear();
    // The next row must find it changed again.
    of.last = undefined;
  }

  #store(of: WindowsOfSize): void {
    this.#put(of);
    of.inMemory.clear();
  }

  #moveHorizons(): void {
    for (const of of this.#sizes) {
      const horizon = keptFrom(of.size, this.#watermark);
      if (horizon <= of.horizon) continue;
      of.horizon = horizon;
      this.#table.removeBefore(of.size, horizon);
    }
  }

  /** The windows that changed since the last call, as they are committed. */
  takeChanged(): readonly WindowKey[] {
    const changed = [...this.#toPublish.values()];
    this.#toPublish = new Map();
    return changed;
  }

  /** Keeps keys for the next `takeChanged`. */
  putBack(keys: readonly WindowKey[]): void {
    for (const key of keys) this.#toPublish.set(key.join(" "), key);
  }

  /** All windows that are stored. */
  *keys(): Generator<WindowKey> {
    for (const { size } of this.#sizes) yield* this.#table.keys(size);
  }

  /** A window as it is committed; undefined if it is not kept. */
  saved([size, start]: WindowKey): SavedWindow | undefined {
    return this.#table.get(size, start);
  }
}
