import type { WindowReference } from "./saved-window.js";

/**
 * The reference of a lane from those of its partitions: their mean, weighted by their rows. Each has gathered its own, of the rows that came to it.
 *
 * @returns NaN if none has one.
 */
export function laneReference(parts: readonly WindowReference[]): WindowReference {
  const known = parts.filter(({ referenceMae }) => !Number.isNaN(referenceMae));
  const [first, ...others] = known;
  if (first === undefined) return { referenceMae: Number.NaN };
  if (others.length === 0) return first;
  // Windows of an earlier version do not say of how many rows.
  const weight = known.every(({ referenceRows = 0 }) => referenceRows > 0)
    ? ({ referenceRows = 1 }: WindowReference) => referenceRows
    : () => 1;
  const rows = known.reduce((sum, part) => sum + weight(part), 0);
  const referenceMae = known.reduce((sum, part) => sum + (weight(part) / rows) * part.referenceMae, 0);
  return { referenceMae, referenceRows: rows };
}
