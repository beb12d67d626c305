import { CodeLayout, FeatureWindow, predictedBins, unseenIn, type PredictedBins, type SavedFeatureWindow } from "@streamgauge/core";
import { keptFrom, lengthOf, startOf } from "@streamgauge/core/windows";
import type { FeatureTables, FeatureWindowKey } from "../state/feature-tables.js";
import type { NumberedNames } from "../state/numbered-names.js";
import type { RowCode } from "../state/row-code.js";

const HOUR_MS = lengthOf("1h");
/** Bins of all windows in memory: when there are more, all are stored. Some 250 bytes each. */
const MAX_BINS = 150_000;
/** Bins of stored windows whose predicted rows are kept beside them: those of a week with 64 features. Eight bytes each. */
const MAX_READ_BINS = 300_000;

/** Where windows are stored. */
export interface FeatureWindowTable extends Pick<FeatureTables, "window" | "putWindow" | "windowKeys" | "removeWindowsBefore"> {
  readonly layouts: Pick<NumberedNames, "nameOf">;
}

interface OpenWindow {
  readonly key: FeatureWindowKey;
  readonly window: FeatureWindow;
}

/**
 * The hours of event time that rows with codes fall into: one window for each model version and layout. A row changes them within a commit; `store`
 * writes what changed since the last time. After a failed commit they no longer agree with the store: discard them.
 */
export class FeatureWindows {
  readonly #table: FeatureWindowTable;
  readonly #names: Pick<NumberedNames, "nameOf">;
  readonly #inMemory = new Map<string, OpenWindow>();
  /** Changed in this commit, and since they were stored. */
  readonly #touched = new Set<OpenWindow>();
  readonly #unsaved = new Set<OpenWindow>();
  readonly #layouts = new Map<number, CodeLayout>();
  #bins = 0;
  #madeRoom = false;
  /** Windows that begin before are not kept; ms since 1970. */
  #horizon: number;
  /** The one that was used last. */
  #last: OpenWindow | undefined;
  /** The predicted rows of stored windows that were read. */
  readonly #read = new Map<string, PredictedBins>();
  #readBins = 0;
  #changes = 0;
  /** Changed since `takeChanged`. */
  #toPublish = new Map<string, FeatureWindowKey>();

  /** @param names - of model versions. @param watermark - see `Windows`. */
  constructor(table: FeatureWindowTable, names: Pick<NumberedNames, "nameOf">, watermark: number) {
    this.#table = table;
    this.#names = names;
    this.#horizon = keptFrom("1h", watermark);
  }

  /** Counts a prediction, or takes it back. @param model - the number of its version. @param times - 1 or -1. */
  predict(code: RowCode, model: number, eventTime: number, times: 1 | -1 = 1): void {
    const { bytes, at, unseen } = code;
    this.#windowAt(eventTime, model, code)?.predict(bytes, at, unseen === null ? NO_TEXTS : unseenIn(unseen), times);
  }

  /** Counts the label of a prediction. @param error - y_pred − y_true. @param isPaired - see `PairRates`. */
  label(code: RowCode, model: number, eventTime: number, error: number, isPaired: boolean): void {
    this.#windowAt(eventTime, model, code)?.label(code.bytes, code.at, error, isPaired);
  }

  /** A label that was counted was wrong. @param before - the error by it. */
  correct(code: RowCode, model: number, eventTime: number, before: number, error: number, isPaired: boolean): void {
    this.#windowAt(eventTime, model, code)?.correct(code.bytes, code.at, before, error, isPaired);
  }

  /** The window of a row, as one that changes; undefined if it is no longer kept. */
  #windowAt(eventTime: number, model: number, { layout, width }: RowCode): FeatureWindow | undefined {
    const last = this.#last;
    if (last !== undefined) {
      const [from, ofModel, ofLayout] = last.key;
      if (eventTime >= from && eventTime < from + HOUR_MS && ofModel === model && ofLayout === layout) return last.window;
    }
    const start = startOf(eventTime, HOUR_MS);
    if (start < this.#horizon || this.#layoutOf(layout)?.width !== width) return undefined;
    const opened = this.#open([start, model, layout]);
    if (opened === undefined) return undefined;
    this.#touched.add(opened);
    this.#last = opened;
    return opened.window;
  }

  #open(key: FeatureWindowKey): OpenWindow | undefined {
    const known = this.#inMemory.get(key.join(" "));
    const layout = this.#layoutOf(key[2]);
    if (known !== undefined || layout === undefined) return known;
    const bins = layout.columns.reduce((sum, column) => sum + column.bins, 0);
    if (this.#bins + bins > MAX_BINS) this.#makeRoom();
    const window = new FeatureWindow(key[0], this.#names.nameOf(key[1]), layout);
    const saved = this.#table.window(key);
    const opened = { key, window: saved === undefined ? window : window.merge(saved) };
    this.#inMemory.set(key.join(" "), opened);
    this.#bins += bins;
    return opened;
  }

  #layoutOf(number: number): CodeLayout | undefined {
    let layout = this.#layouts.get(number);
    if (layout === undefined) {
      layout = CodeLayout.read(this.#table.layouts.nameOf(number));
      if (layout !== undefined) this.#layouts.set(number, layout);
    }
    return layout;
  }

  /** Within a commit, at its end. @param watermark - see `Windows`. */
  endCommit(watermark: number): void {
    this.#finish();
    const horizon = keptFrom("1h", watermark);
    // It moves once an hour.
    if (horizon <= this.#horizon) return;
    this.#horizon = horizon;
    for (const [key, opened] of this.#inMemory) {
      if (opened.key[0] >= horizon) continue;
      this.#inMemory.delete(key);
      this.#unsaved.delete(opened);
      this.#bins -= opened.window.bins;
    }
  }

  #finish(): void {
    for (const opened of this.#touched) {
      opened.window.revision += 1;
      this.#changes += 1;
      this.#forget(opened.key.join(" "));
      this.#unsaved.add(opened);
      this.#toPublish.set(opened.key.join(" "), opened.key);
    }
    this.#touched.clear();
    this.#last = undefined;
  }

  #forget(name: string): void {
    this.#readBins -= this.#read.get(name)?.bins.length ?? 0;
    this.#read.delete(name);
  }

  /** Grows with each commit that changes a window. */
  get changes(): number {
    return this.#changes;
  }

  /** Whether windows were stored in this commit to make room: then all must be. */
  get mustStore(): boolean {
    return this.#madeRoom;
  }

  /** Within a commit, after `endCommit`: stores what changed, and removes what is no longer kept. */
  store(): void {
    this.#madeRoom = false;
    this.#table.removeWindowsBefore(this.#horizon);
    this.#put();
  }

  #put(): void {
    for (const { key, window } of this.#unsaved) this.#table.putWindow(key, window.save());
    this.#unsaved.clear();
  }

  #makeRoom(): void {
    this.#finish();
    this.#put();
    this.#inMemory.clear();
    this.#bins = 0;
    this.#madeRoom = true;
  }

  /** The windows that changed since the last call. */
  takeChanged(): readonly FeatureWindowKey[] {
    const changed = [...this.#toPublish.values()];
    this.#toPublish = new Map();
    return changed;
  }

  /** Keeps keys for the next `takeChanged`. */
  putBack(keys: readonly FeatureWindowKey[]): void {
    for (const key of keys) this.#toPublish.set(key.join(" "), key);
  }

  /** Windows that begin in `from` or later and before `to`, in order; ms since 1970. Between commits, or after `endCommit`. */
  keys(from = -Infinity, to = Infinity): FeatureWindowKey[] {
    const found = new Map([...this.#table.windowKeys(Math.max(from, this.#horizon), to)].map((key) => [key.join(" "), key]));
    for (const { key } of this.#unsaved) if (key[0] >= from && key[0] < to) found.set(key.join(" "), key);
    return [...found.values()].sort((one, other) => one[0] - other[0] || one[1] - other[1] || one[2] - other[2]);
  }

  /** The latest window with codes of a reference; undefined if there is none. @param reference - its hash. */
  latestOf(reference: string): FeatureWindowKey | undefined {
    return this.keys().findLast(([, , layout]) => this.#layoutOf(layout)?.reference === reference);
  }

  /** A window as it is committed; undefined if it is not kept. Between commits. */
  saved(key: FeatureWindowKey): SavedFeatureWindow | undefined {
    if (key[0] < this.#horizon) return undefined;
    return this.#inMemory.get(key.join(" "))?.window.save() ?? this.#table.window(key);
  }

  /** The predicted rows of a window, without its sums, which take long to read; undefined if it is not kept. Between commits, or after `endCommit`. */
  predicted(key: FeatureWindowKey): PredictedBins | undefined {
    if (key[0] < this.#horizon) return undefined;
    const name = key.join(" ");
    return this.#inMemory.get(name)?.window.predictedBins ?? this.#read.get(name) ?? this.#readPredicted(key);
  }

  #readPredicted(key: FeatureWindowKey): PredictedBins | undefined {
    const saved = this.#table.window(key);
    const layout = this.layoutOf(key);
    if (saved === undefined || layout === undefined) return undefined;
    const read = predictedBins(saved, layout);
    if (this.#readBins + read.bins.length > MAX_READ_BINS) {
      this.#read.clear();
      this.#readBins = 0;
    }
    this.#read.set(key.join(" "), read);
    this.#readBins += read.bins.length;
    return read;
  }

  /** What the codes of a window mean. */
  layoutOf([, , layout]: FeatureWindowKey): CodeLayout | undefined {
    return this.#layoutOf(layout);
  }

  /** The model version of a window. */
  modelOf([, model]: FeatureWindowKey): string {
    return this.#names.nameOf(model);
  }
}

const NO_TEXTS: readonly string[] = [];
