import { CodeLayout, driftReport, SPREAD_MS, type DriftReport } from "@streamgauge/core";
import { hoursOfLane, modelsOfLane, Monitor } from "@streamgauge/metrics";
import { HOURS_WITH_BINS, requireVersion } from "../known-version.js";
import { withLaneState } from "../lane-state.js";
import { emptyHoursText } from "../windows/empty-range.js";

/** Which hours to look at. */
export interface HourRange {
  readonly lane: string;
  /** A model version; undefined: that of the latest hour. */
  readonly model?: string | undefined;
  /** Hours that begin at this time or later, and before `to`; ms since 1970. */
  readonly from: number;
  readonly to: number;
}

/** No drift of a lane can be said, and why. */
export class NoDriftError extends Error {
  override readonly name = "NoDriftError";
}

/**
 * The drift of a lane's features, of one model version, from the state that metrics keeps in LOGS_DIR, whether metrics runs or not.
 *
 * @throws NoStateError, NoDriftError, NoVersionError
 */
export async function readDrift(logsDir: string, { lane, model: asked, from, to }: HourRange): Promise<DriftReport> {
  return withLaneState(logsDir, lane, (parts) => {
    const monitors = parts.flatMap(({ store }) => Monitor.read(store) ?? []);
    const hours = monitors.flatMap(({ features }) => features.keys(from - SPREAD_MS, to).flatMap((key) => features.saved(key) ?? []));
    hours.sort((one, other) => one.start - other.start || one.predicted - other.predicted);
    requireVersion(HOURS_WITH_BINS, modelsOfLane(monitors), asked);
    const latest = hours.findLast(({ model }) => asked === undefined || model === asked);
    if (latest === undefined || latest.start < from) {
      const starts = hoursOfLane(monitors, asked);
      if (starts.length > 0) throw new NoDriftError(emptyHoursText(lane, asked, starts));
      throw new NoDriftError(
        `Lane ${lane} has no rows with bins of their features: either none came, or its model has no reference. streamgauge model inspect MODEL shows it; ` +
          "streamgauge reference MODEL DATA.csv writes one. Without it the first REFERENCE_ROWS rows of a version are its reference, and those after them have bins.",
      );
    }
    const hash = CodeLayout.read(latest.layout)?.reference ?? "";
    const [reference] = monitors.flatMap((monitor) => monitor.references.of(hash) ?? []);
    if (reference === undefined)
      throw new NoDriftError(`The reference ${hash} is not known yet: metrics asks the model for it when rows come. Start both.`);
    const report = driftReport(
      reference,
      hours.filter(({ model, layout }) => model === latest.model && layout === latest.layout),
      from,
    );
    if (report === undefined) throw new NoDriftError(`Lane ${lane} has no predictions in this range.`);
    return report;
  });
}
