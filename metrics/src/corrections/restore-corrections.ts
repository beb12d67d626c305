import { Ids } from "@streamgauge/core";
import { hashIds } from "../log/id-hash.js";
import type { MetricLog } from "../log/metric-log.js";
import type { CorrectionRecord } from "../log/correction-records.js";
import type { Corrections } from "./corrections.js";

/**
 * Within a commit: takes over what `corrections.csv` says, if the state that had applied it was lost or the log was exchanged.
 *
 * @returns how many records are of ids that the log does not have.
 */
export function restoreCorrections(corrections: Corrections, log: MetricLog, records: readonly CorrectionRecord[]): number {
  let strangers = 0;
  for (const { id, before, after, at } of records) {
    const ids = Ids.of([id]);
    const line = log.find(ids, hashIds(ids), 0);
    if (line === undefined) strangers += 1;
    else corrections.restore(id, line, { at, before, after });
  }
  return strangers;
}
