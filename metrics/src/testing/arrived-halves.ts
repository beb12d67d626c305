import { Ids } from "@streamgauge/core";
import { hashIds } from "../log/id-hash.js";
import type { Side } from "../state/half-table.js";
import type { ArrivedHalves } from "../state/pending-halves.js";

/** Halves as a message brings them. Predictions are of the model `größe 1`. */
export function arrivedHalves(
  side: Side,
  halves: readonly (readonly [id: string, value: number])[],
  receivedAt = 0,
): ArrivedHalves & { readonly rows: readonly number[] } {
  const ids = Ids.of(halves.map(([id]) => id));
  return {
    side,
    ids,
    hashes: hashIds(ids),
    values: Float64Array.from(halves, ([, value]) => value),
    receivedAt,
    model: side === "y_pred" ? "größe 1" : "",
    eventTimeOf: () => receivedAt,
    halfWidthOf: () => Number.NaN,
    rows: [...halves.keys()],
  };
}
