import type { Database, RootDatabase } from "lmdb";
import {
  signedRuns,
  WINDOW_FORMAT,
  WINDOW_SIZE_NAMES,
  type ErrorWindow,
  type SavedWindow,
  type WindowSize,
} from "@streamgauge/core/windows";

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
    return bytes === undefined ? undefined : decodeWindow(bytes);
  }

  put(window: ErrorWindow): void {
    this.#windows?.putSync([indexOf(window.size), window.start], encodeWindow(window));
  }

  /** Where the windows of a size begin, in order, from `from` on and before `to`; ms since 1970. */
  *starts(size: WindowSize, from: number, to: number): Generator<number> {
    const index = indexOf(size);
    for (const [, start] of this.#windows?.getKeys({ start: [index, from], end: [index, to] }) ?? []) yield start;
  }

  /** Removes the windows of a size that begin before a time, in ms since 1970. */
  removeBefore(size: WindowSize, time: number): void {
    const index = indexOf(size);
    const keys = [...(this.#windows?.getKeys({ start: [index, -Infinity], end: [index, time] }) ?? [])];
    for (const key of keys) this.#windows?.removeSync(key);
  }
}

function indexOf(size: WindowSize): number {
  return WINDOW_SIZE_NAMES.indexOf(size);
}

/** The length of the JSON (uint32), the JSON without the runs of errors, the runs. */
function encodeWindow(window: ErrorWindow): Buffer {
  const json = Buffer.from(WINDOW_FORMAT.write(window.saveWithoutRuns()));
  const length = Buffer.allocUnsafe(4);
  length.writeUInt32LE(json.length);
  return Buffer.concat([length, json, window.runBytes()]);
}

/** @throws SavedValueError, LaterVersionError */
function decodeWindow(bytes: Buffer): SavedWindow {
  const end = 4 + bytes.readUInt32LE(0);
  const saved = WINDOW_FORMAT.read(bytes.toString("utf8", 4, end));
  return { ...saved, errors: { ...saved.errors, ...signedRuns(bytes, end) } };
}
