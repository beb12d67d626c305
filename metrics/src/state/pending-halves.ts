import { Ids } from "@streamgauge/core";
import { hashIds, type IdHashes } from "../log/id-hash.js";
import { CountingBloomFilter } from "./counting-bloom-filter.js";
import { NOT_COUNTED, SIDES, type HalfTable, type PendingHalf, type Side } from "./half-table.js";

/** Halves that came in one message; all shapes [n]. */
export interface ArrivedHalves {
  readonly side: Side;
  readonly ids: Ids;
  readonly hashes: IdHashes;
  readonly values: Float64Array;
  readonly receivedAt: number;
  readonly model: string;
  /** Of predictions: when a row happened, ms since 1970. */
  eventTimeOf(row: number): number;
  /** Of predictions: half the width of the interval that was announced with a row; NaN if none was. */
  halfWidthOf(row: number): number;
}

/** What is stored with a prediction that windows have counted. */
export type CountedPrediction = Pick<PendingHalf, "tenth" | "code">;

const UNCOUNTED: CountedPrediction = { tenth: NOT_COUNTED, code: undefined };

/** The half that waits under the id of a row. */
export interface RowHalf {
  readonly row: number;
  readonly half: PendingHalf;
}

/** Halves that waited too long; all shapes [n]. */
export interface ExpiredHalves {
  readonly side: Side;
  readonly ids: Ids;
  readonly hashes: IdHashes;
  readonly halves: readonly PendingHalf[];
}

/** Ids that are hashed together when the filters are built. */
const BATCH_IDS = 10_000;

/**
 * The halves that wait on disk for their partners. It owns this invariant: a half in the table is counted once, is in the
 * filter of its side once, and has an arrival by which it expires.
 *
 * Changes belong to a commit of the store. If the commit fails, the table is rolled back and this object is not: discard it.
 */
export class PendingHalves {
  readonly #table: HalfTable;
  readonly #filters: Readonly<Record<Side, CountingBloomFilter>>;
  readonly #counts: Record<Side, number>;

  /** Reads all ids in the table. @param filters - empty ones. */
  constructor(table: HalfTable, filters = { y_true: new CountingBloomFilter(), y_pred: new CountingBloomFilter() }) {
    this.#table = table;
    this.#filters = filters;
    this.#counts = { y_true: table.count("y_true"), y_pred: table.count("y_pred") };
    for (const side of SIDES) for (const hash of storedHashes(table, side)) filters[side].add(hash);
  }

  /** How many halves of each side wait. */
  get counts(): Readonly<Record<Side, number>> {
    return this.#counts;
  }

  /** When the oldest half that may still wait came, in ms since 1970; undefined if none waits. */
  oldestArrival(): number | undefined {
    return this.#table.oldestArrival();
  }

  /**
   * Within a commit: stores the halves in these rows. The first half of an id stays.
   *
   * @param count - counts a prediction that is stored, and returns its tenth and its codes.
   * @returns the rows that were not stored, each with the half that waits under its id.
   */
  put(arrived: ArrivedHalves, rows: readonly number[], count: (row: number) => CountedPrediction = () => UNCOUNTED): RowHalf[] {
    const { side, ids, hashes, values, receivedAt, model } = arrived;
    const present: RowHalf[] = [];
    const stored: Buffer[] = [];
    for (const row of rows) {
      const half = this.#find(side, ids, hashes, row);
      if (half !== undefined) {
        present.push({ row, half });
        continue;
      }
      const key = keyOf(ids, row);
      const { tenth, code } = count(row);
      const [eventTime, halfWidth] = [arrived.eventTimeOf(row), arrived.halfWidthOf(row)];
      this.#table.put(side, key, { value: values[row] ?? 0, receivedAt, model, eventTime, tenth, halfWidth, code });
      this.#filters[side].add(hashes.low[row] ?? 0);
      stored.push(key);
    }
    this.#counts[side] += stored.length;
    if (stored.length > 0) this.#table.putArrivals({ side, receivedAt, ids: stored });
    return present;
  }

  /**
   * Within a commit: removes the halves of `side` that wait under the ids of these rows.
   *
   * @param rows - the hashes are read only if halves wait, because a frame computes them when they are first read.
   * @returns the halves, in the order of the rows.
   */
  take(side: Side, rows: Pick<ArrivedHalves, "ids" | "hashes">): RowHalf[] {
    if (this.#counts[side] === 0) return [];
    const { ids, hashes } = rows;
    const taken: RowHalf[] = [];
    for (let row = 0; row < ids.length; row += 1) {
      const half = this.#find(side, ids, hashes, row);
      if (half === undefined) continue;
      this.#remove(side, keyOf(ids, row), hashes.low[row] ?? 0);
      taken.push({ row, half });
    }
    return taken;
  }

  /** Within a commit: removes the halves that came at `before` or earlier, the oldest first, up to about `limit`. @returns them. */
  expire(before: number, limit: number): ExpiredHalves[] {
    return this.#table.takeDue(before, limit).map(({ side, receivedAt, ids: keys }) => {
      const expired: Buffer[] = [];
      const halves: PendingHalf[] = [];
      for (const key of keys) {
        const half = this.#table.get(side, key);
        // It was taken since, or put again later.
        if (half?.receivedAt !== receivedAt) continue;
        expired.push(key);
        halves.push(half);
      }
      const ids = idsOf(expired);
      const hashes = hashIds(ids);
      for (const [row, key] of expired.entries()) this.#remove(side, key, hashes.low[row] ?? 0);
      return { side, ids, hashes, halves };
    });
  }

  #find(side: Side, ids: Ids, hashes: IdHashes, row: number): PendingHalf | undefined {
    return this.#filters[side].mayHold(hashes.low[row] ?? 0) ? this.#table.get(side, keyOf(ids, row)) : undefined;
  }

  #remove(side: Side, key: Buffer, hash: number): void {
    this.#table.remove(side, key);
    this.#filters[side].remove(hash);
    this.#counts[side] -= 1;
  }
}

/** The hashes of all ids of a side, by which the filter knows them. */
function* storedHashes(table: HalfTable, side: Side): Iterable<number> {
  let keys: Buffer[] = [];
  for (const key of table.ids(side)) {
    if (keys.push(key) < BATCH_IDS) continue;
    yield* hashIds(idsOf(keys)).low;
    keys = [];
  }
  yield* hashIds(idsOf(keys)).low;
}

/** The id of a row, as a key of the table. */
function keyOf(ids: Ids, row: number): Buffer {
  return ids.bytes.subarray(ids.start(row), ids.end(row));
}

function idsOf(keys: readonly Buffer[]): Ids {
  const offsets = new Int32Array(keys.length + 1);
  let end = 0;
  for (const [i, { length }] of keys.entries()) offsets[i + 1] = end += length;
  return new Ids(Buffer.concat(keys), offsets);
}
