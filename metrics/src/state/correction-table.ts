import type { Database, RangeOptions, RootDatabase } from "lmdb";
import type { CorrectionHistory } from "../corrections/correction-history.js";
import { HISTORY_FORMAT, WAITING_FORMAT, type SavedWaiting } from "./saved-corrections.js";

/** A correction that windows were restated by. */
export interface RestatedLine {
  /** The number of the line of the log, from 0. */
  readonly line: number;
  /** How many lines the log had when it was restated. */
  readonly afterLines: number;
  /** The label that took the place of the one before, or was refused. */
  readonly value: number;
  /** Whether it was refused, because one that was made later is in force. */
  readonly isRefused: boolean;
}

/** The LMDB databases of the table, by name. */
export const CORRECTION_DATABASES: readonly string[] = ["corrected", "waiting-corrections", "correction-arrivals", "restated-lines"];

/** Line, lines of the log, value (doubles); the line of a refused one is −1 − its number. */
const RESTATED_BYTES = 24;

/** Corrections by id: of logged labels, and of labels that have not come. In LMDB; every change belongs to a transaction of the root database. */
export class CorrectionTable {
  // The store of an earlier version that is opened for reading has none of them.
  readonly #corrected: Database<Buffer, Buffer> | undefined;
  readonly #waiting: Database<Buffer, Buffer> | undefined;
  /** [time, number] → id. */
  readonly #arrivals: Database<Buffer, [number, number]> | undefined;
  readonly #restated: Database<Buffer, number> | undefined;
  #restatedCount: number;

  constructor(root: RootDatabase) {
    const binary = { encoding: "binary", keyEncoding: "binary" } as const;
    this.#corrected = root.openDB({ name: "corrected", ...binary });
    this.#waiting = root.openDB({ name: "waiting-corrections", ...binary });
    this.#arrivals = root.openDB({ name: "correction-arrivals", encoding: "binary" });
    this.#restated = root.openDB({ name: "restated-lines", encoding: "binary" });
    this.#restatedCount = this.#restated?.getCount() ?? 0;
  }

  /** Ids whose logged label was corrected. */
  get correctedIds(): number {
    return this.#corrected?.getCount() ?? 0;
  }

  /** The corrections of a logged id; none of an id that has none. @throws SavedValueError */
  history(id: Buffer): CorrectionHistory {
    const bytes = this.#corrected?.getBinary(id);
    return bytes === undefined ? [] : HISTORY_FORMAT.read(bytes.toString("utf8")).history;
  }

  putHistory(id: Buffer, history: CorrectionHistory): void {
    this.#corrected?.putSync(id, Buffer.from(HISTORY_FORMAT.write({ version: 1, history })));
  }

  /** The corrections of all logged ids. */
  *histories(): Generator<readonly [id: string, history: CorrectionHistory]> {
    for (const { key, value } of this.#corrected?.getRange() ?? [])
      yield [Buffer.from(key).toString("utf8"), HISTORY_FORMAT.read(value.toString("utf8")).history];
  }

  /** The corrections that wait for the label of an id. @throws SavedValueError */
  waiting(id: Buffer): SavedWaiting | undefined {
    const bytes = this.#waiting?.getBinary(id);
    return bytes === undefined ? undefined : WAITING_FORMAT.read(bytes.toString("utf8"));
  }

  /** Keeps corrections that wait, in the place of those before. They expire together. */
  putWaiting(id: Buffer, waiting: SavedWaiting): void {
    this.#waiting?.putSync(id, Buffer.from(WAITING_FORMAT.write(waiting)));
    this.#arrivals?.putSync([waiting.since, this.#nextArrival(waiting.since)], id);
  }

  /** The number after the last one of this moment. */
  #nextArrival(since: number): number {
    const ofTheMoment = { start: [since, Number.MAX_SAFE_INTEGER], end: [since, 0], reverse: true, limit: 1 } satisfies RangeOptions;
    for (const [, last] of this.#arrivals?.getKeys(ofTheMoment) ?? []) return last + 1;
    return 1;
  }

  removeWaiting(id: Buffer): void {
    this.#waiting?.removeSync(id);
  }

  /** The ids with corrections that wait, and how many those are. */
  *allWaiting(): Generator<{ readonly id: Buffer; readonly count: number }> {
    for (const { key, value } of this.#waiting?.getRange() ?? [])
      yield { id: Buffer.from(key), count: WAITING_FORMAT.read(value.toString("utf8")).corrections.length };
  }

  /** When the oldest correction that may still wait came, ms since 1970; undefined if none waits. */
  oldestArrival(): number | undefined {
    for (const key of this.#arrivals?.getKeys({ limit: 1 }) ?? []) return key[0];
    return undefined;
  }

  /** Removes the oldest arrivals of `before` or earlier, up to `limit`. @returns the ids and corrections that came last then. */
  takeDue(before: number, limit: number): { readonly id: Buffer; readonly waiting: SavedWaiting }[] {
    const arrivals = Array.from(this.#arrivals?.getRange({ end: [before + 1, 0], limit }) ?? [], ({ key, value }) => ({
      key,
      id: Buffer.from(value),
    }));
    return arrivals.flatMap(({ key, id }) => {
      this.#arrivals?.removeSync(key);
      const waiting = this.waiting(id);
      // It was settled since, or another one came later.
      if (waiting?.since !== key[0]) return [];
      this.removeWaiting(id);
      return [{ id, waiting }];
    });
  }

  addRestated({ line, afterLines, value, isRefused }: RestatedLine): void {
    const bytes = Buffer.allocUnsafe(RESTATED_BYTES);
    bytes.writeDoubleLE(value, bytes.writeDoubleLE(afterLines, bytes.writeDoubleLE(isRefused ? -1 - line : line, 0)));
    this.#restated?.putSync(this.#restatedCount, bytes);
    this.#restatedCount += 1;
  }

  /** What windows were restated by, in its order. */
  *restated(): Generator<RestatedLine> {
    for (const { value: bytes } of this.#restated?.getRange() ?? []) {
      const line = bytes.readDoubleLE(0);
      const isRefused = line < 0;
      yield { line: isRefused ? -1 - line : line, afterLines: bytes.readDoubleLE(8), value: bytes.readDoubleLE(16), isRefused };
    }
  }

  /** Forgets the corrections of logged labels: the log was exchanged. */
  forgetLogged(): void {
    for (const id of Array.from(this.#corrected?.getKeys() ?? [])) this.#corrected?.removeSync(id);
    for (const number of Array.from(this.#restated?.getKeys() ?? [])) this.#restated?.removeSync(number);
    this.#restatedCount = 0;
  }
}
