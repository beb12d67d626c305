import type { HalfFrame } from "./half-frame.js";

/** One row of a waiting frame. */
export interface WaitingRow {
  readonly frame: HalfFrame;
  readonly row: number;
}

/**
 * The frames of one side that wait in memory for their partners. A partner with the same ids in the same order is found as a
 * whole, without looking at its rows. Rows are only indexed when `find` looks for a single one. Of an id that waits twice, the
 * first copy is found; the second spills later and is compared with the log and the store then.
 */
export class WaitingRoom {
  /** In order of arrival. */
  readonly #frames = new Set<HalfFrame>();
  readonly #twins = new Map<string, HalfFrame[]>();
  readonly #rows = new Map<string, WaitingRow>();
  readonly #unindexed = new Set<HalfFrame>();
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
    this.#unindexed.add(frame);
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

  /** The first row that waits under this id; undefined if there is none, or it is settled. */
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

  /** Removes a frame, settled or not. */
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

/** Equal for frames with the same ids; rarely for others. */
function twinKey({ ids, length }: HalfFrame): string {
  return `${length}:${ids.at(0)}:${ids.at(length - 1)}`;
}
