import type { Database, RangeOptions, RootDatabase } from "lmdb";
import { decodeRowCode, encodeRowCode, type RowCode } from "./row-code.js";

/** The two sides of the join, by the name of their value. */
export type Side = "y_true" | "y_pred";
export const SIDES: readonly Side[] = ["y_true", "y_pred"];

/** A half that waits on disk for its partner. */
export interface PendingHalf {
  readonly value: number;
  /** When it came in, ms since 1970. */
  readonly receivedAt: number;
  /** Of a prediction: the model that made it. */
  readonly model: string;
  /** Of a prediction: when the row happened, ms since 1970. */
  readonly eventTime: number;
  /** Of a prediction: its tenth in the windows; `NOT_COUNTED` if no window has counted it. */
  readonly tenth: number;
  /** Of a prediction: half the width of the interval that was announced with it; NaN if none was. */
  readonly halfWidth: number;
  /** Of a prediction: the bins of its row's features; undefined if they are not known. */
  readonly code: RowCode | undefined;
}

/** The tenth of a prediction that no window has counted, and of labels. */
export const NOT_COUNTED = 255;

/** Halves of one side that came at the same moment, and so expire together. */
export interface Arrivals {
  readonly side: Side;
  readonly receivedAt: number;
  readonly ids: readonly Buffer[];
}

/** The LMDB databases of the table, by name. */
export const HALF_DATABASES: readonly string[] = ["pending-y_true", "pending-y_pred", "arrivals"];

/**
 * The halves that wait for their partners, and when they came, in LMDB. Every change belongs to a transaction of the root
 * database. Only `PendingHalves` may change it, which keeps halves, arrivals, counts and filters in step.
 */
export class HalfTable {
  readonly #halves: Readonly<Record<Side, Database<Buffer, Buffer>>>;
  /** [time, number] → side and ids. */
  readonly #arrivals: Database<Buffer, [number, number]>;

  constructor(root: RootDatabase) {
    const binary = { encoding: "binary", keyEncoding: "binary" } as const;
    this.#halves = {
      y_true: root.openDB({ name: "pending-y_true", ...binary }),
      y_pred: root.openDB({ name: "pending-y_pred", ...binary }),
    };
    this.#arrivals = root.openDB({ name: "arrivals", encoding: "binary" });
  }

  get(side: Side, id: Buffer): PendingHalf | undefined {
    const bytes = this.#halves[side].getBinary(id);
    return bytes === undefined ? undefined : decodeHalf(bytes);
  }

  put(side: Side, id: Buffer, half: PendingHalf): void {
    this.#halves[side].putSync(id, encodeHalf(half));
  }

  /** @returns whether the half was there. */
  remove(side: Side, id: Buffer): boolean {
    return this.#halves[side].removeSync(id);
  }

  /** Records when these halves came, so that they can expire. */
  putArrivals({ side, receivedAt, ids }: Arrivals): void {
    const bytes = Buffer.allocUnsafe(1 + ids.reduce((sum, id) => sum + 2 + id.length, 0));
    let at = bytes.writeUInt8(SIDES.indexOf(side), 0);
    for (const id of ids) {
      at = bytes.writeUInt16BE(id.length, at);
      at += id.copy(bytes, at);
    }
    this.#arrivals.putSync([receivedAt, this.#nextArrival(receivedAt)], bytes);
  }

  /** The number after the last one of this moment. An earlier run may have used some: a number used twice would lose a batch. */
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

  /**
   * Removes the oldest arrivals that came at `before` or earlier, up to about `limit` ids. Some of their halves may have been
   * removed since, or put again with another time of arrival.
   */
  takeDue(before: number, limit: number): Arrivals[] {
    const due: Arrivals[] = [];
    const keys: [number, number][] = [];
    let ids = 0;
    for (const { key, value } of this.#arrivals.getRange({ end: [before + 1, 0] })) {
      const arrivals = decodeArrivals(key[0], value);
      due.push(arrivals);
      keys.push(key);
      ids += arrivals.ids.length;
      if (ids >= limit) break;
    }
    for (const key of keys) this.#arrivals.removeSync(key);
    return due;
  }

  /** When the oldest half that may still wait came, in ms since 1970; undefined if none waits. */
  oldestArrival(): number | undefined {
    for (const key of this.#arrivals.getKeys({ limit: 1 })) return key[0];
    return undefined;
  }

  /** How many halves of a side wait, counted by LMDB. */
  count(side: Side): number {
    return this.#halves[side].getCount();
  }

  /** All halves of a side. */
  *halves(side: Side): Iterable<PendingHalf> {
    for (const { value } of this.#halves[side].getRange()) yield decodeHalf(value);
  }

  /** All halves of a side with their ids. */
  *entries(side: Side): Iterable<{ readonly id: Buffer; readonly half: PendingHalf }> {
    for (const { key, value } of this.#halves[side].getRange()) yield { id: Buffer.from(key), half: decodeHalf(value) };
  }

  /** The ids of all halves of a side. */
  *ids(side: Side): Iterable<Buffer> {
    for (const key of this.#halves[side].getKeys()) yield Buffer.from(key);
  }
}

/** Of the last byte of a double. */
const SIGN_BIT = 0x80;

/** Of the byte of a tenth: a half width follows it. */
const WITH_WIDTH = 0x80;
/** The same: codes follow, behind the half width. */
const WITH_CODES = 0x40;
const TENTH_BITS = 0x3f;
const COUNTED_BYTES = 25;

/**
 * value, receivedAt (float64), model (UTF-8), as version 0.2.0 wrote it; labels still are. A prediction that windows have counted has a
 * negative receivedAt, and before its model: eventTime (float64), tenth (uint8), its half width (float64) and its codes if the tenth says so.
 */
function encodeHalf({ value, receivedAt, model, eventTime, tenth, halfWidth, code }: PendingHalf): Buffer {
  const isCounted = tenth !== NOT_COUNTED;
  const hasWidth = isCounted && !Number.isNaN(halfWidth);
  const codes = isCounted && code !== undefined ? encodeRowCode(code) : undefined;
  const codesAt = isCounted ? COUNTED_BYTES + (hasWidth ? 8 : 0) : 16;
  const modelAt = codesAt + (codes?.length ?? 0);
  const bytes = Buffer.allocUnsafe(modelAt + Buffer.byteLength(model));
  bytes.writeDoubleLE(value, 0);
  bytes.writeDoubleLE(isCounted ? -receivedAt : receivedAt, 8);
  const flags = (hasWidth ? WITH_WIDTH : 0) | (codes === undefined ? 0 : WITH_CODES);
  if (isCounted) bytes.writeUInt8(tenth | flags, bytes.writeDoubleLE(eventTime, 16));
  if (hasWidth) bytes.writeDoubleLE(halfWidth, COUNTED_BYTES);
  codes?.copy(bytes, codesAt);
  bytes.write(model, modelAt);
  return bytes;
}

function decodeHalf(bytes: Buffer): PendingHalf {
  const value = bytes.readDoubleLE(0);
  const receivedAt = Math.abs(bytes.readDoubleLE(8));
  const isCounted = (bytes.readUInt8(15) & SIGN_BIT) !== 0;
  if (!isCounted)
    return {
      value,
      receivedAt,
      model: bytes.toString("utf8", 16),
      eventTime: receivedAt,
      tenth: NOT_COUNTED,
      halfWidth: NaN,
      code: undefined,
    };
  const flags = bytes.readUInt8(24);
  const hasWidth = (flags & WITH_WIDTH) !== 0;
  const codesAt = hasWidth ? COUNTED_BYTES + 8 : COUNTED_BYTES;
  const { code, end: modelAt } = (flags & WITH_CODES) === 0 ? { code: undefined, end: codesAt } : decodeRowCode(bytes, codesAt);
  return {
    value,
    receivedAt,
    model: bytes.toString("utf8", modelAt),
    eventTime: bytes.readDoubleLE(16),
    tenth: flags & TENTH_BITS,
    halfWidth: hasWidth ? bytes.readDoubleLE(COUNTED_BYTES) : NaN,
    code,
  };
}

function decodeArrivals(receivedAt: number, bytes: Buffer): Arrivals {
  const ids: Buffer[] = [];
  for (let at = 1; at < bytes.length;) {
    const end = at + 2 + bytes.readUInt16BE(at);
    ids.push(Buffer.from(bytes.subarray(at + 2, end)));
    at = end;
  }
  return { side: SIDES[bytes[0] ?? 0] ?? "y_true", receivedAt, ids };
}
