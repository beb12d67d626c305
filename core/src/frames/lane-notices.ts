import Type from "typebox";
import { SavedFormat } from "../runtime/saved-value.js";
import { ErrorStatistics, StatisticsSchema, type SavedStatistics } from "../statistics/error-statistics.js";
import { forEachMetric } from "../statistics/metrics/metric-table.js";
import { statisticsJson, type StatisticsJson } from "../statistics/statistics-json.js";
import { firstNoticed } from "../alerts/error-change.js";
import type { AlarmNotice, CorrectedNotice, HourNotice, MetricNotice } from "./metric-notice.js";

interface SavedSums {
  readonly version: 1;
  readonly statistics: SavedStatistics;
}

const SUMS = new SavedFormat<SavedSums>({
  what: "The statistics of a partition",
  version: 1,
  schema: Type.Object({ version: Type.Literal(1), statistics: StatisticsSchema }),
  upgrades: {},
});

/** What the statistics of a partition follow from, as its notices carry it. */
export function writeSums(statistics: SavedStatistics): string {
  return SUMS.write({ version: 1, statistics });
}

/** What decides first if partitions differ: an alarm of one is an alarm of the lane. */
const BY_URGENCY: readonly AlarmNotice["state"][] = ["worse", "better", "reference", "ok"];

/** Makes one of the notices of a lane's partitions. Those of a lane with one partition stay as they are. */
export class LaneNotices {
  readonly #latest = new Map<string, MetricNotice>();
  readonly #statistics = new Map<string, SavedStatistics>();

  /** The notice with the figures of the whole lane, as its partitions said them last; the rows are its own. */
  take(notice: MetricNotice): MetricNotice {
    const { partition, sums } = notice;
    if (partition === undefined) return notice;
    // Whatever is sent, the map stays small.
    if (this.#latest.size >= MOST_NOTED && !this.#latest.has(partition)) this.#latest.clear();
    this.#latest.set(partition, notice);
    const statistics = sums === undefined ? undefined : readSums(sums);
    if (statistics !== undefined) this.#statistics.set(partition, statistics);
    const all = [...this.#latest.values()];
    return {
      ...notice,
      statistics: this.#merged(),
      alarm: alarmOf(all.flatMap(({ alarm }) => alarm ?? [])),
      alerts: all.find(({ alerts }) => alerts !== undefined)?.alerts,
      hour: hourOf(all.flatMap(({ hour }) => hour ?? [])),
      corrected: correctedOf(all.flatMap(({ corrected }) => corrected ?? [])),
    };
  }

  #merged(): StatisticsJson {
    const whole = new ErrorStatistics();
    for (const [partition, statistics] of this.#statistics) if (this.#latest.has(partition)) whole.merge(statistics);
    return statisticsJson(whole.count, whole.values());
  }
}

/** Partitions that are remembered. */
const MOST_NOTED = 256;

/** Nothing depends on notices, so bad sums are passed over. */
function readSums(sums: string): SavedStatistics | undefined {
  try {
    return SUMS.read(sums).statistics;
  } catch {
    return undefined;
  }
}

/** The most urgent state, as the partition says it whose rows noticed the change first. */
function alarmOf(alarms: readonly AlarmNotice[]): AlarmNotice | undefined {
  const [first, ...others] = alarms.toSorted(byUrgency);
  const alike = [first, ...others].filter((alarm) => alarm?.state === first?.state);
  const noticed = firstNoticed(alike.flatMap((alarm) => alarm?.change ?? []));
  return alike.find((alarm) => alarm?.change === noticed) ?? first;
}

function byUrgency(one: AlarmNotice, other: AlarmNotice): number {
  return BY_URGENCY.indexOf(one.state) - BY_URGENCY.indexOf(other.state);
}

function hourOf(hours: readonly HourNotice[]): HourNotice | undefined {
  if (hours.length === 0) return undefined;
  const [predicted, labelled] = [total(hours, (hour) => hour.predicted), total(hours, (hour) => hour.labelled)];
  const absolute = total(hours, ({ mae, labelled: rows }) => (mae ?? 0) * rows);
  return { predicted, labelled, mae: labelled === 0 ? null : finite(absolute / labelled) };
}

/** Of the corrected errors only the mean merges without their sums. */
function correctedOf(all: readonly CorrectedNotice[]): CorrectedNotice | undefined {
  if (all.length === 0) return undefined;
  const count = total(all, ({ statistics }) => statistics.count);
  const absolute = total(all, ({ statistics }) => (statistics.mae ?? 0) * statistics.count);
  const statistics = { count, ...forEachMetric(() => null), mae: finite(absolute / count) };
  return { corrections: total(all, ({ corrections }) => corrections), statistics };
}

function total<T>(parts: readonly T[], of: (part: T) => number): number {
  return parts.reduce((sum, part) => sum + of(part), 0);
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
