import { layoutOf, PAIR_GROUPS, Y_PRED, type MonitoredReference } from "../drift/index.js";
import { quote } from "../refusal.js";
import { codesOfGroup, placeOfBin, placesOf, placesText, placeText, type Place } from "./place.js";
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

/** The segment that is named so, as `SegmentJson.text` names it, its two features in either order; undefined if the reference has none of this name. */
export function segmentNamed(reference: MonitoredReference, text: string): NamedSegment | undefined {
  for (const where of everywhere(reference)) {
    const places = placesOf(reference, { where });
    const name = placesText(places);
    if (name === text || placesText(places.toReversed()) === text)
      return { text: name, places, codes: where.map((bin) => codesIn(reference, bin, where.length > 1)) };
  }
  return undefined;
}

function codesIn({ columns }: MonitoredReference, { column, bin }: ColumnBin, isGroup: boolean): CodesInColumn {
  const of = columns[column];
  return { column, codes: isGroup && of !== undefined ? codesOfGroup(of, bin) : [bin] };
}

/** So many names are listed in a message. */
const MOST_NAMES = 30;

/** What to say of a name that no segment has: those of the feature that it begins with, or the features that there are. */
export function noSegmentNamed({ columns }: MonitoredReference, model: string, text: string): string {
  const features = columns.map((column) => {
    const names = Array.from(column.reference.counts.keys(), (bin) => placeText(placeOfBin(column, bin)));
    return { name: column.name === Y_PRED ? "prediction" : column.name, names };
  });
  const meant = features.filter(({ name }) => text.startsWith(`${name} `)).toSorted((one, other) => other.name.length - one.name.length)[0];
  const known =
    meant === undefined
      ? `It has segments of ${shortList(features.map(({ name }) => quote(name)))}`
      : `Those of ${quote(meant.name)} are ${shortList(meant.names.map(quote))}`;
  return `No segment of ${quote(model)} is named ${quote(text)}. ${known}; of two features, name it as the list of segments does.`;
}

function shortList(texts: readonly string[]): string {
  const left = texts.length - MOST_NAMES;
  return texts.slice(0, MOST_NAMES).join(", ") + (left > 0 ? `, and ${left} more` : "");
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
