import type { HalfFrame } from "./half-frame.js";

/** One row of a frame that waits. */
export interface WaitingRow {
  readonly frame: HalfFrame;
  readonly row: number;
}

/**
 * The frames of one side whose partners have not come yet, in memory. A frame waits as a whole for one with the same
 * ids in the same order, which is found without a look at its rows; only when rows are asked for one by one are they
 * indexed. An id that waits twice is found once: the other copy grows old, and by then the first is in the log or in the
 * store, where it is recognised.
 */
export class WaitingRoom {
  /** In order of arrival. */
  readonly #frames = new Set<HalfFrame>();
  readonly #twins = new Map<string, HalfFrame[]>();
  readonly #rows = new Map<string, WaitingRow>();
  readonly #unindexed = new Set<HalfFrame>();
  #rowsWaiting = 0;

  /** Frames that wait. */
  get size(): number {
    return this.#frames.size;
  }

  /** Rows that wait, roughly: a frame that was partly settled counts with the rows it came with. */
  get rows(): number {
    return this.#rowsWaiting;
  }

  /** The frame that waits longest; undefined where none waits. */
  get oldest(): HalfFrame | undefined {
    for (const frame of this.#frames) return frame;
    return undefined;
  }

  /** All that wait, in order of arrival. */
  get frames(): Iterable<HalfFrame> {
    return this.#frames;
  }

  add(frame: HalfFrame): void {
    this.#frames.add(frame);
    this.#unindexed.add(frame);
    this.#rowsWaiting += frame.length;
    if (!frame.isWhole) return;
    const key = twinKey(frame);
    const twins = this.#twins.get(key);
    if (twins === undefined) this.#twins.set(key, [frame]);
    else twins.push(frame);
  }

  /** The first frame that is untouched and has the same ids in the same order. */
  twinOf(frame: HalfFrame): HalfFrame | undefined {
    return this.#twins.get(twinKey(frame))?.find((twin) => twin.isWhole && twin.ids.equals(frame.ids));
  }

  /** The first row that waits under this id; undefined where it is settled. */
  find(id: string): WaitingRow | undefined {
    for (const frame of this.#unindexed) this.#indexRows(frame);
    const waiting = this.#rows.get(id);
    return waiting?.frame.isOpen(waiting.row) === true ? waiting : undefined;
  }

  #indexRows(frame: HalfFrame): void {
    this.#unindexed.delete(frame);
    for (let row = 0; row < frame.length; row += 1) {
      if (!frame.isOpen(row)) continue;
      const id = frame.ids.at(row);
      const there = this.#rows.get(id);
      if (there === undefined || !there.frame.isOpen(there.row)) this.#rows.set(id, { frame, row });
    }
  }

  /** Takes a frame out, settled or not. */
  remove(frame: HalfFrame): void {
    if (!this.#frames.delete(frame)) return;
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

/** Equal for frames with the same ids; seldom for others. */
function twinKey({ ids, length }: HalfFrame): string {
  return `${length}:${ids.at(0)}:${ids.at(length - 1)}`;
}
