import {
  FrameRefusedError,
  partitionsOfIds,
  type FramePart,
  type Ids,
  type LanePartition,
  type Read,
  type Refusal,
} from "@streamgauge/core";

type Place = Pick<LanePartition, "index" | "of">;

/**
 * What was read of a message, without rows of other partitions: those are refused, as another log may have their ids. With one partition all
 * rows stay, at no cost.
 *
 * @param divide - divides such a frame by partition.
 * @param address - where rows of all ids may be sent, for the refusal.
 * @throws FrameRefusedError if no row is of this partition.
 */
export function ownRows<F extends { readonly ids: Ids }>(
  { frame, refusals }: Read<F>,
  place: Place,
  divide: (frame: F, of: number) => readonly FramePart<F>[],
  address: string,
): Pick<Read<F>, "frame" | "refusals"> {
  if (place.of === 1 || frame.ids.length === 0) return { frame, refusals };
  const own = divide(frame, place.of).find(({ partition }) => partition === place.index);
  if (own === undefined)
    throw new FrameRefusedError({
      field: "id",
      reason: `all its ids belong to other partitions than ${place.index} of ${place.of}: ${remedy(address)}`,
    });
  if (own.frame === frame) return { frame, refusals };
  return { frame: own.frame, refusals: [...refusals, ...foreignRows(frame.ids, place, address, refusals.length > 0)] };
}

/** @param wereRefused - rows of the message, which no longer count: then the place of the others in it is not known. */
function foreignRows(ids: Ids, { index, of }: Place, address: string, wereRefused: boolean): Refusal[] {
  const refusals: Refusal[] = [];
  for (const [row, partition] of partitionsOfIds(ids, of).entries()) {
    if (partition === index) continue;
    const reason = `the id belongs to partition ${partition} of ${of} and came to partition ${index}: ${remedy(address)}`;
    refusals.push({ ...(wereRefused ? {} : { row }), id: ids.at(row), field: "id", reason });
  }
  return refusals;
}

function remedy(address: string): string {
  return `send it to ${address}, which takes all ids`;
}
