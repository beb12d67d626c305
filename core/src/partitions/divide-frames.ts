import { takeEventTimes } from "../frames/event-times.js";
import type { LabelFrame, PredictionFrame } from "../frames/frame.js";
import { takeHalfWidths } from "../frames/half-widths.js";
import { takeCodes } from "../frames/row-codes.js";
import type { Ids } from "../frames/ids.js";
import { partitionsOfIds } from "./partition-of-ids.js";

/** The rows of a frame that belong to one partition, in their order. */
export interface FramePart<F> {
  /** From 1. */
  readonly partition: number;
  readonly frame: F;
}

/** Labels by partition, at most `of` frames, none of them empty. With one partition the frame itself, at no cost. */
export function divideLabels(frame: LabelFrame, of: number): readonly FramePart<LabelFrame>[] {
  return divided(frame, of, (rows) => ({
    ids: frame.ids.take(rows),
    y_true: takeValues(frame.y_true, rows),
    ...(frame.correction === undefined ? {} : { correction: frame.correction }),
  }));
}

/** Predictions by partition, in the same way. */
export function dividePredictions(frame: PredictionFrame, of: number): readonly FramePart<PredictionFrame>[] {
  const { ids, y_pred: values, eventTimes, halfWidths, codes, ...ofAll } = frame;
  return divided(frame, of, (rows) => ({
    ...ofAll,
    ids: ids.take(rows),
    y_pred: takeValues(values, rows),
    ...(eventTimes === undefined ? {} : { eventTimes: takeEventTimes(eventTimes, rows) }),
    ...(halfWidths === undefined ? {} : { halfWidths: takeHalfWidths(halfWidths, rows) }),
    ...(codes === undefined ? {} : { codes: takeCodes(codes, rows) }),
  }));
}

function divided<F extends { readonly ids: Ids }>(frame: F, of: number, take: (rows: readonly number[]) => F): readonly FramePart<F>[] {
  if (of === 1) return [{ partition: 1, frame }];
  const rows: number[][] = Array.from({ length: of }, () => []);
  const partitions = partitionsOfIds(frame.ids, of);
  for (let row = 0; row < partitions.length; row += 1) rows[(partitions[row] ?? 1) - 1]?.push(row);
  return rows.flatMap((mine, i) => {
    if (mine.length === 0) return [];
    return [{ partition: i + 1, frame: mine.length === partitions.length ? frame : take(mine) }];
  });
}

function takeValues(values: Float64Array, rows: readonly number[]): Float64Array {
  const taken = new Float64Array(rows.length);
  for (let i = 0; i < taken.length; i += 1) taken[i] = values[rows[i] ?? 0] ?? Number.NaN;
  return taken;
}
