import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { Ids } from "@streamgauge/core";
import { open, type Database, type RangeOptions, type RootDatabase } from "lmdb";
import { FileChangedError, syncFolder } from "../log/append-file.js";
import { readDoubles, writeDoubles } from "./double-json.js";
import type { VersionMoments } from "../statistics/version-statistics.js";
import type { Generation } from "../log/metric-log.js";

/** The two sides of the join, by the name of their value. */
export type Side = "y_true" | "y_pred";
export const SIDES: readonly Side[] = ["y_true", "y_pred"];

/** What a store holds, by name. */
export const DATABASES: readonly string[] = ["pending-y_true", "pending-y_pred", "arrivals", "meta"];

/** What became of the rows of one side, since the log began. */
export interface Balance {
  /** Rows that came in; the sum of what follows and of the pending ones. */
  readonly received: number;
  readonly logged: number;
  readonly unmatched: number;
  /** Refused rows; a message of which nothing can be read counts as one. */
  readonly deadLettered: number;
  /** The id was there already, with the same value. */
  readonly duplicates: number;
  /** The id was there already, with another value. */
  readonly conflicts: number;
}

export const EMPTY_BALANCE: Balance = { received: 0, logged: 0, unmatched: 0, deadLettered: 0, duplicates: 0, conflicts: 0 };

/** How far a file is committed. */
export interface CommittedFile {
  /** Bytes. */
  readonly length: number;
  /** Lines without the header. */
  readonly lines: number;
}

/** All that is committed together: what is beyond these lengths in the files never happened. */
export interface CommittedState {
  readonly version: 1;
  readonly log: CommittedFile;
  readonly unmatched: CommittedFile;
  readonly conflicts: CommittedFile;
  readonly balance: Readonly<Record<Side, Balance>>;
  /** Half pairs in the store. */
  readonly pending: Readonly<Record<Side, number>>;
  /** What the log holds of each version of the model; absent in what an earlier program has committed. */
  readonly versions?: readonly VersionMoments[];
}

/** What one transaction leaves behind, beside the halves. */
export interface Commit {
  readonly state: CommittedState;
  /** The last bytes of the log, to mend it where it loses them. */
  readonly tail: Buffer;
  /** Those of the log; undefined where they are as they were. */
  readonly generations: readonly Generation[] | undefined;
}

/** A half pair that waits on disk. */
export interface PendingHalf {
  readonly value: number;
  /** When it came in, ms since 1970. */
  readonly receivedAt: number;
  /** Of a prediction: what made it. */
  readonly model: string;
}

/** Half pairs of one moment that are due to expire together. */
export interface DueBatch {
  readonly side: Side;
  readonly receivedAt: number;
  readonly ids: readonly Buffer[];
}

/** Bytes of the log's end that are kept in the store too, to mend a log that lost its last bytes. */
export const TAIL_BYTES = 8_192;

/**
 * What metrics must not forget, in LMDB: the half pairs that wait, and how far the files are committed. Everything is
 * changed in one transaction a commit cycle, which is on disk when `commit` returns. Another process may read it meanwhile.
 */
export class StateStore {
  readonly #root: RootDatabase;
  readonly #path: string;
  readonly #inode: number;
  #size: number;
  readonly #pending: Readonly<Record<Side, Database<Buffer, Buffer>>>;
  /** When which halves came, for their expiry: [time, number] → side and ids. */
  readonly #arrivals: Database<Buffer, [number, number]>;
  readonly #meta: Database<Buffer, string>;

  private constructor(root: RootDatabase, folder: string) {
    const binary = { encoding: "binary", keyEncoding: "binary" } as const;
    this.#root = root;
    this.#pending = {
      y_true: root.openDB({ name: "pending-y_true", ...binary }),
      y_pred: root.openDB({ name: "pending-y_pred", ...binary }),
    };
    this.#arrivals = root.openDB({ name: "arrivals", encoding: "binary" });
    this.#meta = root.openDB({ name: "meta", encoding: "binary" });
    this.#path = dataFile(folder);
    const { ino, size } = statSync(this.#path);
    this.#inode = ino;
    this.#size = size;
  }

  /** Whether the files are there that a store needs to be opened, whatever they hold. */
  static wasUsed(folder: string): boolean {
    return existsSync(dataFile(folder)) && existsSync(join(folder, "lock.mdb"));
  }

  /** @param folder - made where it is missing. Have it inspected first: LMDB ends the process over some damage. @throws what LMDB says of other damage. */
  static open(folder: string): StateStore {
    const isNew = !existsSync(dataFile(folder));
    mkdirSync(folder, { recursive: true });
    // Without overlappingSync a commit is on disk when it returns; with it, only soon after.
    const store = new StateStore(open({ path: folder, noSubdir: false, overlappingSync: false, maxDbs: 8 }), folder);
    // LMDB syncs the file and not its name, and the folders may be as new.
    if (isNew) for (const named of [folder, dirname(folder), dirname(dirname(folder))]) syncFolder(named);
    return store;
  }

  /** For a look from outside while metrics runs, or when it does not. @throws where there is no state in the folder. */
  static openReadOnly(folder: string): StateStore {
    // LMDB would make the folder.
    if (!existsSync(dataFile(folder))) throw new Error(`${folder} has no state of metrics.`);
    return new StateStore(open({ path: folder, noSubdir: false, readOnly: true, maxDbs: 8 }), folder);
  }

  /** What was committed last; undefined in a new store. @throws SyntaxError where it is not readable. */
  state(): CommittedState | undefined {
    const bytes = this.#meta.getBinary("state");
    if (bytes === undefined) return undefined;
    const state = readDoubles<CommittedState>(bytes.toString("utf8"));
    if (state.version !== 1) throw new SyntaxError(`version ${String(state.version)} of the state is not known`);
    return state;
  }

  /** The last bytes of the committed log. */
  tail(): Buffer {
    return this.#meta.getBinary("tail") ?? Buffer.alloc(0);
  }

  /** The generations of the log's index; empty in a new store. @throws SyntaxError where they are not readable. */
  generations(): readonly Generation[] {
    const bytes = this.#meta.getBinary("generations");
    return bytes === undefined ? [] : readDoubles(bytes.toString("utf8"));
  }

  /** Runs `work` as one transaction and makes it durable. When `work` throws, nothing of it happened. */
  commit(work: () => Commit): void {
    this.#root.transactionSync(() => {
      const { state, tail, generations } = work();
      this.#meta.putSync("state", Buffer.from(writeDoubles(state)));
      this.#meta.putSync("tail", tail);
      if (generations !== undefined) this.#meta.putSync("generations", Buffer.from(writeDoubles(generations)));
    });
  }

  /**
   * A store that is no longer there, or not whole, must not be used: what is put into it is lost, and a look at what was cut
   * off ends the process.
   *
   * @throws FileChangedError
   */
  assertUntouched(): void {
    const now = statSync(this.#path, { throwIfNoEntry: false });
    if (now === undefined) throw new FileChangedError(this.#path, "was deleted");
    if (now.ino !== this.#inode) throw new FileChangedError(this.#path, "was replaced");
    if (now.size < this.#size) throw new FileChangedError(this.#path, `shrank from ${this.#size} to ${now.size} bytes`);
    this.#size = now.size;
  }

  get(side: Side, id: Buffer): PendingHalf | undefined {
    const bytes = this.#pending[side].getBinary(id);
    return bytes === undefined ? undefined : decodeHalf(bytes);
  }

  /** Within a commit: notes a half. */
  put(side: Side, id: Buffer, half: PendingHalf): void {
    this.#pending[side].putSync(id, encodeHalf(half));
  }

  /** Within a commit: notes when these halves came, so that they can expire. */
  putArrivals(batch: DueBatch): void {
    const bytes = Buffer.allocUnsafe(1 + batch.ids.reduce((sum, id) => sum + 2 + id.length, 0));
    let at = bytes.writeUInt8(SIDES.indexOf(batch.side), 0);
    for (const id of batch.ids) {
      at = bytes.writeUInt16BE(id.length, at);
      at += id.copy(bytes, at);
    }
    this.#arrivals.putSync([batch.receivedAt, this.#nextArrival(batch.receivedAt)], bytes);
  }

  /** The number after those of the same moment, which an earlier run may have left too: one number twice would forget a batch. */
  #nextArrival(receivedAt: number): number {
    const ofTheMoment = {
      start: [receivedAt, Number.MAX_SAFE_INTEGER],
      end: [receivedAt, 0],
      reverse: true,
      limit: 1,
    } satisfies RangeOptions;
    for (const [, last] of this.#arrivals.getKeys(ofTheMoment)) return last + 1;
    return 1;
  }

  /** Within a commit: forgets a half. @returns whether it was there. */
  remove(side: Side, id: Buffer): boolean {
    return this.#pending[side].removeSync(id);
  }

  /**
   * Within a commit: takes out the oldest batches that came at `before` or earlier, up to about `most` ids. Of their ids
   * some may be gone, or here again with another time of arrival.
   */
  takeDue(before: number, most: number): DueBatch[] {
    const due: DueBatch[] = [];
    const keys: [number, number][] = [];
    let ids = 0;
    for (const { key, value } of this.#arrivals.getRange({ end: [before + 1, 0] })) {
      const batch = decodeArrivals(key[0], value);
      due.push(batch);
      keys.push(key);
      ids += batch.ids.length;
      if (ids >= most) break;
    }
    for (const key of keys) this.#arrivals.removeSync(key);
    return due;
  }

  /** When the oldest half came that may still wait; undefined where none does. */
  oldestArrival(): number | undefined {
    for (const key of this.#arrivals.getKeys({ limit: 1 })) return key[0];
    return undefined;
  }

  /** How many halves of a side wait, counted by the store itself. */
  count(side: Side): number {
    return this.#pending[side].getCount();
  }

  /** The ids of all halves of a side that wait. */
  *ids(side: Side): Iterable<Buffer> {
    for (const key of this.#pending[side].getKeys()) yield Buffer.from(key);
  }

  async close(): Promise<void> {
    await this.#root.close();
  }
}

function dataFile(folder: string): string {
  return join(folder, "data.mdb");
}

/** value (float64), receivedAt (float64), model (UTF-8) */
function encodeHalf({ value, receivedAt, model }: PendingHalf): Buffer {
  const bytes = Buffer.allocUnsafe(16 + Buffer.byteLength(model));
  bytes.writeDoubleLE(value, 0);
  bytes.writeDoubleLE(receivedAt, 8);
  bytes.write(model, 16);
  return bytes;
}

function decodeHalf(bytes: Buffer): PendingHalf {
  return { value: bytes.readDoubleLE(0), receivedAt: bytes.readDoubleLE(8), model: bytes.toString("utf8", 16) };
}

function decodeArrivals(receivedAt: number, bytes: Buffer): DueBatch {
  const ids: Buffer[] = [];
  for (let at = 1; at < bytes.length;) {
    const end = at + 2 + bytes.readUInt16BE(at);
    ids.push(Buffer.from(bytes.subarray(at + 2, end)));
    at = end;
  }
  return { side: SIDES[bytes[0] ?? 0] ?? "y_true", receivedAt, ids };
}

/** The id of a row, as the store's key. */
export function keyOf(ids: Ids, i: number): Buffer {
  return ids.bytes.subarray(ids.start(i), ids.end(i));
}

/** The ids of some keys of the store. */
export function idsOf(keys: readonly Buffer[]): Ids {
  const offsets = new Int32Array(keys.length + 1);
  let end = 0;
  for (const [i, { length }] of keys.entries()) offsets[i + 1] = end += length;
  return new Ids(Buffer.concat(keys), offsets);
}
