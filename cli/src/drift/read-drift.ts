import { CodeLayout, driftReport, type DriftReport } from "@streamgauge/core";
import { Monitor } from "@streamgauge/metrics";
import { withLaneState } from "../lane-state.js";

/** Which hours to look at. */
export interface HourRange {
  readonly lane: string;
  /** Hours that begin at this time or later, and before `to`; ms since 1970. */
  readonly from: number;
  readonly to: number;
}

/** No drift of a lane can be said, and why. */
export class NoDriftError extends Error {
  override readonly name = "NoDriftError";
}

/**
 * The drift of a lane's features, of the model version of the latest hour, from the state that metrics keeps in LOGS_DIR, whether metrics runs or not.
 *
 * @throws NoStateError, NoDriftError
 */
export async function readDrift(logsDir: string, { lane, from, to }: HourRange): Promise<DriftReport> {
  return withLaneState(logsDir, lane, (store) => {
    const monitor = Monitor.read(store);
    const keys = monitor?.features.keys(from, to) ?? [];
    const latest = keys.at(-1);
    const layout = latest === undefined ? undefined : CodeLayout.read(store.features.layouts.nameOf(latest[2]));
    if (monitor === undefined || latest === undefined || layout === undefined)
      throw new NoDriftError(
        `Lane ${lane} has no rows with bins of their features in this range: either none came, or its model has no reference. streamgauge model inspect MODEL shows it; ` +
          "streamgauge reference MODEL DATA.csv writes one.",
      );
    const reference = monitor.reference(layout.reference);
    if (reference === undefined)
      throw new NoDriftError(
        `The reference ${layout.reference} is not known yet: metrics asks the model for it when rows come. Start both.`,
      );
    const hours = keys
      .filter(([, model, of]) => model === latest[1] && of === latest[2])
      .flatMap((key) => monitor.features.saved(key) ?? []);
    const report = driftReport(reference, hours);
    if (report === undefined) throw new NoDriftError(`Lane ${lane} has no predictions in this range.`);
    return report;
  });
}
