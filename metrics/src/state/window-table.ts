import { SavedValueError } from "@streamgauge/core";
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

  /** Reads all windows, for its errors. @throws SavedValueError, LaterVersionError */
  readAll(): void {
    for (const { value } of this.#windows?.getRange() ?? []) decodeWindow(value);
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
  const errors = { ...saved.errors, ...runsIn(bytes, end) };
  const counted = countOf(errors);
  if (counted !== saved.labelled) throw new SavedValueError("A window", `its cells have ${counted} of ${saved.labelled} errors`);
  return { ...saved, errors };
}

function runsIn(bytes: Buffer, start: number): ReturnType<typeof signedRuns> {
  try {
    return signedRuns(bytes, start);
  } catch (error) {
    throw new SavedValueError("A window", "its cells are cut short", { cause: error });
  }
}

function countOf({ zeros, negative, positive, infinite }: SavedWindow["errors"]): number {
  const counts = [...negative, ...positive].flatMap(([, , ...cells]) => cells);
  return counts.reduce((sum, count) => sum + count, zeros + infinite[0] + infinite[1]);
}
