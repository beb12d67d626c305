import type { Database, RootDatabase } from "lmdb";
import { WINDOW_FORMAT, WINDOW_SIZE_NAMES, type SavedWindow, type WindowSize } from "@streamgauge/core/windows";

type Key = [size: number, start: number];

/** The LMDB database of the table. */
export const WINDOW_DATABASE = "windows";

/** The windows of a lane, in LMDB. Every change belongs to a transaction of the root database. */
export class WindowTable {
  readonly #windows: Database<Buffer, Key> | undefined;

  constructor(root: RootDatabase) {
    // The store of an earlier version that is opened for reading has none.
    this.#windows = root.openDB({ name: WINDOW_DATABASE, encoding: "binary" });
  }

  /** @throws SavedValueError, LaterVersionError */
  get(size: WindowSize, start: number): SavedWindow | undefined {
    const bytes = this.#windows?.getBinary([indexOf(size), start]);
    return bytes === undefined ? undefined : WINDOW_FORMAT.read(bytes.toString("utf8"));
  }

  put(window: SavedWindow): void {
    this.#windows?.putSync([indexOf(window.size), window.start], Buffer.from(WINDOW_FORMAT.write(window)));
  }

  /** The sizes and starts of all windows of a size, in order. */
  *keys(size: WindowSize): Generator<readonly [WindowSize, number]> {
    const index = indexOf(size);
    for (const [, start] of this.#windows?.getKeys({ start: [index, -Infinity], end: [index, Infinity] }) ?? []) yield [size, start];
  }

  /** Removes the windows of a size that begin before a time, in ms since 1970. */
  removeBefore(size: WindowSize, time: number): void {
    const index = indexOf(size);
    const keys = [...(this.#windows?.getKeys({ start: [index, -Infinity], end: [index, time] }) ?? [])];
    for (const key of keys) this.#windows?.removeSync(key);
  }

  /** The windows of a size that begin in `from` or later and before `to`, in order; ms since 1970. @throws SavedValueError, LaterVersionError */
  *range(size: WindowSize, from = -Infinity, to = Infinity): Generator<SavedWindow> {
    const index = indexOf(size);
    for (const { value } of this.#windows?.getRange({ start: [index, from], end: [index, to] }) ?? []) {
      yield WINDOW_FORMAT.read(value.toString("utf8"));
    }
  }
}

function indexOf(size: WindowSize): number {
  return WINDOW_SIZE_NAMES.indexOf(size);
}
