import type { Ids } from "@streamgauge/core";
import type { IdHashes } from "../log/id-hash.js";
import type { RowCode } from "../state/row-code.js";

/** Rows that are logged in one step, in the order of the log; all shapes [n]. */
export interface LoggedRows {
  readonly yTrue: Float64Array;
  readonly yPred: Float64Array;
  /** When they happened, ms since 1970. */
  readonly eventTimes: Float64Array;
  /** When their labels came in, ms since 1970. */
  readonly labelledAt: Float64Array;
  /** When their predictions came in, ms since 1970. */
  readonly predictedAt: Float64Array;
  /** Half the widths of the intervals that were announced with them, NaN for a row without; undefined if none has one. */
  readonly halfWidths: Float64Array | undefined;
  /** The tenths of predictions that were counted when they were stored; `NOT_COUNTED` for the others. */
  readonly tenths: Uint8Array;
  /** The model of all of them, or of the i-th. */
  readonly model: string | ((i: number) => string);
  readonly ids: Ids;
  readonly hashes: IdHashes;
  /** The bins of the i-th; undefined if none has any. */
  readonly codeOf: ((i: number) => RowCode | undefined) | undefined;
}
