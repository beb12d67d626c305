import type { Ids } from "@streamgauge/core";
import type { HalfFrame } from "./half-frame.js";

/** One row of a waiting frame. */
export interface WaitingRow {
  readonly frame: HalfFrame;
  readonly row: number;
}

/** The ids of a frame lie between these two, in the order of strings. */
export interface IdRange {
  readonly least: string;
  readonly greatest: string;
}

/** The range of these ids. */
export function rangeOf(ids: Ids): IdRange {
  let least = ids.at(0);
  let greatest = least;
  for (let row = 1; row < ids.length; row += 1) {
    const id = ids.at(row);
    if (id < least) least = id;
    else if (id > greatest) greatest = id;
  }
  return { least, greatest };
}

/** Frames of fewer rows are indexed at once: to compare ranges would take as long. */
const FEW_ROWS = 64;

/**
 * The frames of one side that wait in memory for their partners. A partner with the same ids in the same order is found as a
 * whole, without looking at its rows. Rows are only indexed when `find` looks for an id in their range: predictions of requests
 * that nobody labels wait beside labels of other rows, and to index each would take a quarter of the time that they take. Of an id
 * that waits twice, the first copy is found; the second spills later and is compared with the log and the store then.
 */
export class WaitingRoom {
  /** In order of arrival. */
  readonly #frames = new Set<HalfFrame>();
  readonly #twins = new Map<string, HalfFrame[]>();
  readonly #rows = new Map<string, WaitingRow>();
  /** Frames whose rows are not indexed, and their ranges, once they are needed. */
  readonly #unindexed = new Map<HalfFrame, IdRange | undefined>();
  /** The range of which all rows are indexed. */
  #indexed: IdRange | undefined;
  /** Frames by the order in which they came. */
  readonly #numbers = new Map<HalfFrame, number>();
  #number = 0;
  #rowsWaiting = 0;

  /** How many frames wait. */
  get size(): number {
    return this.#frames.size;
  }

  /** How many rows wait, roughly: a partly settled frame counts with all its rows. */
  get rows(): number {
    return this.#rowsWaiting;
  }

  /** The frame that has waited longest; undefined if none waits. */
  get oldest(): HalfFrame | undefined {
    for (const frame of this.#frames) return frame;
    return undefined;
  }

  /** All waiting frames, in order of arrival. */
  get frames(): Iterable<HalfFrame> {
    return this.#frames;
  }

  add(frame: HalfFrame): void {
    this.#frames.add(frame);
    this.#numbers.set(frame, this.#number++);
    this.#unindexed.set(frame, undefined);
    this.#indexed = undefined;
    this.#rowsWaiting += frame.length;
    if (!frame.isWhole) return;
    const key = twinKey(frame);
    const twins = this.#twins.get(key);
    if (twins === undefined) this.#twins.set(key, [frame]);
    else twins.push(frame);
  }

  /** The first frame with the same ids in the same order of which no row is settled. */
  twinOf(frame: HalfFrame): HalfFrame | undefined {
    return this.#twins.get(twinKey(frame))?.find((twin) => twin.isWhole && twin.ids.equals(frame.ids));
  }

  /**
   * The first row that waits under this id; undefined if there is none, or it is settled.
   *
   * @param among - the range of all ids that are looked for together: one object for all of them.
   */
  find(id: string, among: IdRange = { least: id, greatest: id }): WaitingRow | undefined {
    if (among !== this.#indexed) this.#index(among);
    const waiting = this.#rows.get(id);
    return waiting?.frame.isOpen(waiting.row) === true ? waiting : undefined;
  }

  /** Indexes the frames that may have an id of this range. */
  #index(among: IdRange): void {
    for (const [frame, known] of this.#unindexed) {
      if (frame.length >= FEW_ROWS) {
        const range = known ?? rangeOf(frame.ids);
        if (known === undefined) this.#unindexed.set(frame, range);
        if (range.greatest < among.least || range.least > among.greatest) continue;
      }
      this.#indexRows(frame);
    }
    this.#indexed = among;
  }

  #indexRows(frame: HalfFrame): void {
    this.#unindexed.delete(frame);
    const number = this.#numberOf(frame);
    for (let row = 0; row < frame.length; row += 1) {
      if (!frame.isOpen(row)) continue;
      const id = frame.ids.at(row);
      const there = this.#rows.get(id);
      if (there === undefined || !there.frame.isOpen(there.row) || number < this.#numberOf(there.frame)) this.#rows.set(id, { frame, row });
    }
  }

  #numberOf(frame: HalfFrame): number {
    return this.#numbers.get(frame) ?? Infinity;
  }

  /** Removes a frame, settled or not. */
  remove(frame: HalfFrame): void {
    if (!this.#frames.delete(frame)) return;
    this.#numbers.delete(frame);
    this.#rowsWaiting -= frame.length;
    const key = twinKey(frame);
    const others = this.#twins.get(key)?.filter((twin) => twin !== frame) ?? [];
    if (others.length === 0) this.#twins.delete(key);
    else this.#twins.set(key, others);
    if (this.#unindexed.delete(frame)) return;
    for (let row = 0; row < frame.length; row += 1) {
      const id = frame.ids.at(row);
      if (this.#rows.get(id)?.frame === frame) this.#rows.delete(id);
    }
  }
}

/** Equal for frames with the same ids; rarely for others. */
function twinKey({ ids, length }: HalfFrame): string {
  return `${length}:${ids.at(0)}:${ids.at(length - 1)}`;
}
