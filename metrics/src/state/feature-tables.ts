import {
  FEATURE_WINDOW_FORMAT,
  isMonitoredReference,
  isReferenceJson,
  type MonitoredReference,
  type Reference,
  type SavedFeatureWindow,
} from "@streamgauge/core";
import type { Database, RangeOptions, RootDatabase } from "lmdb";
import { NumberedNames } from "./numbered-names.js";

/** The LMDB databases of the tables. */
export const FEATURE_DATABASES: readonly string[] = ["feature-windows", "code-layouts", "code-runs", "references", "first-references"];

/** Lines one after another whose codes have one layout, or none. */
export interface CodeRun {
  /** The number of its first line, from 0. */
  readonly line: number;
  /** The number of the layout; -1 if the lines have no codes. */
  readonly layout: number;
  /** Codes of a line. */
  readonly width: number;
  /** Where the codes of the first line are in the file. */
  readonly offset: number;
}

type WindowId = [start: number, model: number, layout: number];

/** Which window: its start, in ms since 1970, and the numbers of its model version and its layout. */
export type FeatureWindowKey = readonly [start: number, model: number, layout: number];

const RUN_BYTES = 16;

/** What is kept of the bins of rows, in LMDB. Every change belongs to a transaction of the root database. */
export class FeatureTables {
  /** Numbers for the texts of layouts. */
  readonly layouts: NumberedNames;
  readonly #windows: Database<Buffer, WindowId> | undefined;
  readonly #runs: Database<Buffer, number> | undefined;
  readonly #references: Database<Buffer, string> | undefined;
  /** By model version. */
  readonly #firstReferences: Database<Buffer, string> | undefined;

  constructor(root: RootDatabase) {
    const [windows = "", layouts = "", runs = "", references = "", firstReferences = ""] = FEATURE_DATABASES;
    this.layouts = new NumberedNames(root, layouts);
    // The store of an earlier version that is opened for reading has none.
    this.#windows = root.openDB({ name: windows, encoding: "binary" });
    this.#runs = root.openDB({ name: runs, encoding: "binary" });
    this.#references = root.openDB({ name: references, encoding: "binary" });
    this.#firstReferences = root.openDB({ name: firstReferences, encoding: "binary" });
  }

  /** @throws SavedValueError, LaterVersionError */
  window([start, model, layout]: FeatureWindowKey): SavedFeatureWindow | undefined {
    const bytes = this.#windows?.getBinary([start, model, layout]);
    return bytes === undefined ? undefined : FEATURE_WINDOW_FORMAT.read(bytes.toString("utf8"));
  }

  putWindow([start, model, layout]: FeatureWindowKey, window: SavedFeatureWindow): void {
    this.#windows?.putSync([start, model, layout], Buffer.from(FEATURE_WINDOW_FORMAT.write(window)));
  }

  /** The keys of the windows that begin in `from` or later and before `to`, in order; ms since 1970. */
  *windowKeys(from: number, to: number): Generator<FeatureWindowKey> {
    for (const [start, model, layout] of this.#windows?.getKeys({ start: [from, 0, 0], end: [to, 0, 0] }) ?? [])
      yield [start, model, layout];
  }

  /** Removes the windows that begin before a time, in ms since 1970. */
  removeWindowsBefore(time: number): void {
    const keys = Array.from(this.windowKeys(-Infinity, time));
    for (const [start, model, layout] of keys) this.#windows?.removeSync([start, model, layout]);
  }

  putRun({ line, layout, width, offset }: CodeRun): void {
    const bytes = Buffer.allocUnsafe(RUN_BYTES);
    bytes.writeDoubleLE(offset, bytes.writeUInt32LE(width, bytes.writeInt32LE(layout, 0)));
    this.#runs?.putSync(line, bytes);
  }

  /** The run that a line belongs to; the last one of all if no line is given. */
  runOf(line = Number.MAX_SAFE_INTEGER): CodeRun | undefined {
    const back = { start: line, reverse: true, limit: 1 } satisfies RangeOptions;
    for (const { key, value } of this.#runs?.getRange(back) ?? []) return runIn(key, value);
    return undefined;
  }

  /** All runs, in the order of their lines. */
  runs(): CodeRun[] {
    return Array.from(this.#runs?.getRange() ?? [], ({ key, value }) => runIn(key, value));
  }

  clearRuns(): void {
    const lines = Array.from(this.#runs?.getKeys() ?? []);
    for (const line of lines) this.#runs?.removeSync(line);
  }

  hasReference(hash: string): boolean {
    return this.#references?.doesExist(hash) ?? false;
  }

  reference(hash: string): MonitoredReference | undefined {
    const bytes = this.#references?.getBinary(hash);
    return bytes === undefined ? undefined : referenceIn(bytes);
  }

  references(): MonitoredReference[] {
    return Array.from(this.#references?.getRange() ?? []).flatMap(({ value }) => referenceIn(value) ?? []);
  }

  putReference(reference: MonitoredReference): void {
    this.#references?.putSync(reference.hash, Buffer.from(JSON.stringify(reference)));
  }

  /** The frozen reference of a model version that has none of its own. */
  firstReference(model: string): Reference | undefined {
    const bytes = this.#firstReferences?.getBinary(model);
    return bytes === undefined ? undefined : wholeReferenceIn(bytes);
  }

  /** The model versions that have such a reference. */
  firstReferenceModels(): string[] {
    return Array.from(this.#firstReferences?.getKeys() ?? []);
  }

  putFirstReference(model: string, reference: Reference): void {
    this.#firstReferences?.putSync(model, Buffer.from(JSON.stringify(reference)));
  }
}

function runIn(line: number, bytes: Buffer): CodeRun {
  return { line, layout: bytes.readInt32LE(0), width: bytes.readUInt32LE(4), offset: bytes.readDoubleLE(8) };
}

function wholeReferenceIn(bytes: Buffer): Reference | undefined {
  const value: unknown = JSON.parse(bytes.toString("utf8"));
  return isReferenceJson(value) ? value : undefined;
}

function referenceIn(bytes: Buffer): MonitoredReference | undefined {
  const value: unknown = JSON.parse(bytes.toString("utf8"));
  return isMonitoredReference(value) ? value : undefined;
}
