import { layoutOf, PAIR_GROUPS, type MonitoredReference } from "../drift/index.js";
import { codesOfGroup, placesOf, placesText, type Place } from "./place.js";
import type { ColumnBin } from "./segments.js";

/** The codes that rows of a segment have in one column. */
export interface CodesInColumn {
  readonly column: number;
  readonly codes: readonly number[];
}

/** A segment of a reference. */
export interface NamedSegment {
  readonly text: string;
  readonly places: readonly Place[];
  /** A row is in the segment if it has one of the codes in each of these columns. */
  readonly codes: readonly CodesInColumn[];
}

/** The segment that is named so, as `SegmentJson.text` names it; undefined if the reference has none of this name. */
export function segmentNamed(reference: MonitoredReference, text: string): NamedSegment | undefined {
  for (const where of everywhere(reference)) {
    const places = placesOf(reference, { where });
    if (placesText(places) === text) return { text, places, codes: where.map((bin) => codesIn(reference, bin, where.length > 1)) };
  }
  return undefined;
}

function codesIn({ columns }: MonitoredReference, { column, bin }: ColumnBin, isGroup: boolean): CodesInColumn {
  const of = columns[column];
  return { column, codes: isGroup && of !== undefined ? codesOfGroup(of, bin) : [bin] };
}

/** All bins, and then all pairs of groups. */
function* everywhere(reference: MonitoredReference): Generator<readonly ColumnBin[]> {
  for (const [column, { reference: of }] of reference.columns.entries()) for (const bin of of.counts.keys()) yield [{ column, bin }];
  const { paired } = layoutOf(reference);
  for (let one = 0; one < paired; one += 1)
    for (let other = one + 1; other < paired; other += 1)
      for (let cell = 0; cell < PAIR_GROUPS * PAIR_GROUPS; cell += 1)
        yield [
          { column: one, bin: Math.floor(cell / PAIR_GROUPS) },
          { column: other, bin: cell % PAIR_GROUPS },
        ];
}
