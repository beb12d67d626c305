import { ErrorStatistics, isOverflow, LARGEST_NUMBER, mae, METRICS, NO_MOMENTS, rmse } from "@streamgauge/core";
import { readLogLines, withLog } from "@streamgauge/core/metric-log";
import type { Balance, VersionMoments } from "@streamgauge/metrics";

export interface SummaryOptions {
  readonly sent: number;
  readonly seconds: number;
  readonly malformed: number;
  /** Rows that were sent without a label. */
  readonly unlabelled?: number;
  /** Rows that the model refused. */
  readonly refused: number;
  /** The balance of labels before the run, and now; undefined if unknown. */
  readonly before: Balance | undefined;
  readonly now: Balance | undefined;
  /** The moments of each model version in the log before the run, and now. */
  readonly versionsBefore?: readonly VersionMoments[];
  readonly versions?: readonly VersionMoments[];
  /** The log of each partition, and its length before the run, in bytes. */
  readonly logs: readonly { readonly path: string; readonly start: number }[];
}

/**
 * The summary of a finished run. Its errors are computed from the lines that the run added to the log, read back
 * from the file. Rows are counted by their labels: a row that has one is logged, refused, a duplicate, in conflict or unmatched.
 */
export function summarise(options: SummaryOptions): string {
  const { sent, unlabelled = 0, seconds, malformed, refused, before, now, logs } = options;
  const errors = errorsInLogs(logs);
  const since = (field: keyof Balance) => (now?.[field] ?? 0) - (before?.[field] ?? 0);
  const rows: readonly (readonly [string, string])[] = [
    ["rows sent", count(sent)],
    ...(unlabelled === 0 ? [] : [["without label", count(unlabelled)] as const]),
    ["logged", count(errors.count)],
    ["refused", count(refused + since("deadLettered"))],
    ["duplicates", count(since("duplicates"))],
    ["conflicts", count(since("conflicts"))],
    ["unmatched", count(since("unmatched"))],
    ["malformed lines", count(malformed)],
    ...metricRows(errors),
    ["seconds", seconds.toFixed(2)],
    ["rows/s", count(Math.round(sent / seconds))],
    ...versionRows(options),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const table = rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join("\n");
  const isRepeated = sent > 0 && errors.count === 0 && since("duplicates") === sent - unlabelled;
  const why = isRepeated ? "All ids were in the log already: a row is logged once.\n" : "";
  return `${table}\n\n${why}npx streamgauge report writes the errors over time as a page.`;
}

function metricRows(errors: ErrorStatistics): (readonly [string, string])[] {
  const values = errors.values();
  return METRICS.filter(({ isHeadline }) => isHeadline).map(({ name, title, least }) => [title, figure(values[name], errors.count, least)]);
}

/** One row per version that predicted, if there are several. */
function versionRows({ versionsBefore = [], versions = [] }: SummaryOptions): (readonly [string, string])[] {
  const rows = versions.flatMap(({ model, moments }): (readonly [string, string])[] => {
    const earlier = versionsBefore.find((version) => version.model === model)?.moments ?? NO_MOMENTS;
    const own = {
      count: moments.count - earlier.count,
      absolute: moments.absolute - earlier.absolute,
      squared: moments.squared - earlier.squared,
    };
    const versionFigure = ({ title, least, of }: typeof mae | typeof rmse) => `${title} ${figure(of(own), own.count, least)}`;
    return own.count === 0 ? [] : [[model, `${count(own.count)} rows, ${versionFigure(mae)}, ${versionFigure(rmse)}`]];
  });
  return rows.length > 1 ? rows : [];
}

function errorsInLogs(logs: SummaryOptions["logs"]): ErrorStatistics {
  const errors = new ErrorStatistics();
  for (const { path, start } of logs)
    withLog(path, (file) => {
      for (const { yTrue, yPred } of readLogLines(file, start)) errors.add(yTrue, yPred);
    });
  return errors;
}

function count(value: number): string {
  return value.toLocaleString("en");
}

function figure(value: number, pairs: number, least: number): string {
  if (Number.isFinite(value)) return String(Number(value.toPrecision(7)));
  return isOverflow(value, pairs, least) ? `overflow (the errors or their sums are beyond ${LARGEST_NUMBER})` : "–";
}
