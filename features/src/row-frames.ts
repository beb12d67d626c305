import { columnOf, Ids, type Column, type FeaturesFrame, type LabelFrame } from "@streamgauge/core";
import type { Dataset } from "./dataset.js";
import type { Block } from "./row-reader.js";
import { FrameSpan } from "./frame-span.js";
import { joinedColumns, joinedNumbers } from "./joined-columns.js";
import { runIds } from "./run-ids.js";
import { TimeExtent } from "./time-extent.js";

/** A frame of rows with the labels of those that have one. */
export interface RowFrame {
  readonly features: FeaturesFrame;
  readonly labels: LabelFrame;
  /** Rows of the run up to and including this frame. */
  readonly rows: number;
  /** Rows of the current pass over the dataset up to and including this frame. */
  readonly position: number;
  /** ms by which event times of the current pass are later than in the dataset. */
  readonly shift: number;
}

export interface RowFramesOptions {
  readonly dataset: Pick<Dataset, "pass">;
  readonly run: string;
  /** Rows in a frame; the last one may have fewer. */
  readonly frameRows: number;
  /** Rows of the whole run; 0 = endless. */
  readonly rowLimit: number;
  /** The resume point: rows already sent of the run and of its current pass, and the shift of this pass. */
  readonly from: { readonly rows: number; readonly position: number; readonly shift: number };
  /** Event time from the first to the last row of a frame, at most, in ms. Default: any. */
  readonly spanMs?: number | undefined;
}

/** The end of the year 9999. */
const LAST_MS = 253_402_300_799_999;

/**
 * A run's rows in frames, pass after pass over the dataset, until the limit. In each pass event times are later by the length of the passes
 * before it, so that time goes on; after the year 9999 they begin again as they are in the dataset.
 */
export async function* rowFrames(options: RowFramesOptions): AsyncGenerator<RowFrame, void> {
  const { dataset, run, frameRows, rowLimit, from, spanMs = Infinity } = options;
  const span = spanMs === Infinity ? undefined : new FrameSpan(spanMs);
  let { rows, shift } = from;
  let skip = from.position;
  const limit = rowLimit === 0 ? Infinity : rowLimit;
  let parts: Block[] = [];
  let gathered = 0;
  const flush = (position: number): RowFrame => {
    const frame = frameOf(parts, run, rows);
    rows += gathered;
    parts = [];
    gathered = 0;
    span?.begin();
    return { ...frame, rows, position, shift };
  };
  while (rows + gathered < limit) {
    let position = 0;
    const extent = new TimeExtent();
    for await (const block of dataset.pass()) {
      if (block.times !== undefined) extent.note(block.times);
      let at = Math.min(skip, block.rows);
      skip -= at;
      position += at;
      while (at < block.rows && rows + gathered < limit) {
        const most = Math.min(block.rows - at, frameRows - gathered, limit - rows - gathered);
        const times = block.times?.subarray(at, at + most);
        const count = times === undefined ? most : (span?.take(times, shift) ?? most);
        if (count > 0) parts.push(slice(block, at, at + count, shift));
        gathered += count;
        at += count;
        position += count;
        if (gathered === frameRows || count < most) yield flush(position);
      }
      if (rows + gathered >= limit) break;
    }
    if (gathered > 0 && rows + gathered >= limit) yield flush(position);
    skip = 0;
    shift += extent.length;
    if (extent.greatest + shift > LAST_MS) shift = 0;
  }
}

/** Rows of a block, with their times later by `shift` ms. */
function slice(block: Block, from: number, to: number, shift: number): Block {
  if (from === 0 && to === block.rows && (shift === 0 || block.times === undefined)) return block;
  const times = block.times?.subarray(from, to);
  const part = (column: Column) => (column instanceof Float64Array ? column.subarray(from, to) : columnOf(column.slice(from, to)));
  const columns = new Map([...block.columns].map(([name, column]) => [name, part(column)]));
  return {
    rows: to - from,
    columns,
    pythonFloats: block.pythonFloats,
    y_true: block.y_true.subarray(from, to),
    ids: block.ids?.slice(from, to),
    times: shift === 0 ? times : times?.map((time) => time + shift),
  };
}

/** One frame of these pieces. Rows without ids of their own get the run's, numbered from `first` + 1. */
function frameOf(parts: readonly Block[], run: string, first: number): Pick<RowFrame, "features" | "labels"> {
  const count = parts.reduce((sum, part) => sum + part.rows, 0);
  const [head] = parts;
  const ids = head?.ids === undefined ? runIds(run, first + 1, count) : Ids.of(parts.flatMap((part) => part.ids ?? []));
  const { columns, pythonFloats } = joinedColumns(parts);
  const labels = joinedNumbers(parts.map(({ y_true }) => y_true));
  const eventTimes = head?.times === undefined ? undefined : joinedNumbers(parts.map(({ times = new Float64Array() }) => times));
  return { features: { ids, columns, pythonFloats, asWritten: true, eventTimes }, labels: labelled({ ids, y_true: labels }) };
}

/** The labels that are there. */
function labelled(frame: LabelFrame): LabelFrame {
  const { ids, y_true: labels } = frame;
  if (!labels.some(Number.isNaN)) return frame;
  const rows = [...labels.keys()].filter((row) => !Number.isNaN(labels[row]));
  return { ids: ids.take(rows), y_true: Float64Array.from(rows, (row) => labels[row] ?? Number.NaN) };
}
