import { noSegmentNamed, segmentNamed, segmentRowsJson, type FoundRows, type RowOrder, type SegmentRowsJson } from "@streamgauge/core";
import { chosenVersion, Monitor, openCommittedLines, searchRows, type HourRange, type RowsQuestion } from "@streamgauge/metrics";
import type { StoredPartition } from "../lane-state.js";

/** No segment has the name that is asked for. */
export class NoSegmentError extends Error {
  override readonly name = "NoSegmentError";
}

/** Which rows to look for. */
export interface RowsAsked extends HourRange {
  /** Its name. */
  readonly segment: string;
  /** Undefined: the version of the latest hour. */
  readonly model: string | undefined;
  readonly order: RowOrder;
  readonly limit: number;
}

/** Rows of a segment, from the logs of all partitions. @returns undefined if no row has bins. @throws NoSegmentError */
export async function foundRows(
  parts: readonly StoredPartition[],
  { segment: name, order, limit, ...asked }: RowsAsked,
): Promise<SegmentRowsJson | undefined> {
  const version = chosenVersion(
    parts.flatMap(({ store }) => Monitor.read(store) ?? []),
    asked,
  );
  if (version === undefined) return undefined;
  const { model, layout, reference } = version;
  const segment = segmentNamed(reference, name);
  if (segment === undefined) throw new NoSegmentError(noSegmentNamed(reference, model, name));
  const question = { model, layout, where: segment.codes, from: asked.from, to: asked.to, order, limit };
  const found = new Map<string, FoundRows>();
  for (const part of parts) found.set(part.partition, await searchIn(part, question));
  return segmentRowsJson({ segment, reference, model, order, limit }, found, []);
}

async function searchIn({ paths, store }: StoredPartition, question: RowsQuestion): Promise<FoundRows> {
  const lines = openCommittedLines(paths, store);
  if (lines === undefined) return { rows: [], count: 0, lookedAt: 0, isWhole: true };
  try {
    return await searchRows(lines, question, async () => undefined);
  } finally {
    lines.close();
  }
}
