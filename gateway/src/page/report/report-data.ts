import type {
  DriftOverTime,
  MetricName,
  SegmentsJson,
  WindowAlarm,
  WindowJson,
  WindowSize,
  WindowSummary,
} from "@streamgauge/core/windows";

/** What a report shows. */
export interface ReportContent {
  readonly lane: string;
  /** The model version that was asked for; empty: all. */
  readonly model: string;
  /** The windows that were asked for. */
  readonly size: WindowSize;
  /** How many of them there are; more than `windows` if they were merged into longer ones. */
  readonly count: number;
  /** The length of `windows`, in ms. */
  readonly length: number;
  /** The times between which windows were asked for, ms since 1970; null: no bound. */
  readonly from: number | null;
  readonly to: number | null;
  /** Times of which the lane has windows of this size, ms since 1970; null: none at all. */
  readonly kept: { readonly from: number; readonly to: number } | null;
  /** ms since 1970. */
  readonly writtenAt: number;
  /** Of streamgauge. */
  readonly version: string;
  /** Commands that write this report again, and its figures. */
  readonly commands: readonly { readonly what: string; readonly command: string }[];
  readonly metrics: readonly ReportMetric[];
  /** Ascending. */
  readonly windows: readonly WindowJson[];
  readonly summary: WindowSummary | null;
  /** What drifted, and where the error is, by whole hours; null if nothing is known of the features. */
  readonly drift: DriftOverTime | null;
  readonly segments: SegmentsJson | null;
  readonly references: readonly ModelReference[];
  /** Alarms that rows of the range raised, ascending; the latest of `alarmCount`. */
  readonly alarms: readonly ReportAlarm[];
  readonly alarmCount: number;
}

/** A metric of errors, as it is explained. */
export interface ReportMetric {
  readonly name: MetricName;
  readonly title: string;
  readonly description: string;
  readonly formula: string;
}

/** What a model version is compared with, and whether its error differs from that at the time of writing. */
export interface ModelReference {
  readonly model: string;
  /** reference, ok, worse or better. */
  readonly state: string;
  /** Above this the mean error is worse; null while the reference is gathered. */
  readonly baseline: number | null;
  readonly reference: { readonly source: string; readonly rows: number; readonly mean: number } | null;
}

/** An alarm with what is known of the size of the change. */
export interface ReportAlarm extends WindowAlarm {
  readonly mean_since_low: number | null;
  readonly mean_since_high: number | null;
  /** Whether an alarm of this kind was on already. */
  readonly again: boolean;
}

/** Rows of one kind, without the names of their properties in each. */
export type Columns<Row> = { readonly [Name in keyof Row]: readonly Row[Name][] };

/** A window without what follows from its number and from the alarms. */
type PackedWindow = Required<Omit<WindowJson, "start" | "end" | "alarms">> & { readonly start: number };

/** The content as it is written: as short as it can be without a loss. */
export interface ReportData extends Omit<ReportContent, "windows" | "alarms"> {
  /** `start` in ms since 1970. */
  readonly windows: Columns<PackedWindow>;
  readonly alarms: Columns<ReportAlarm>;
}

export function packReport(content: ReportContent): ReportData {
  const windows = content.windows.map(
    // Each row has every column, or those that the first one lacks would be lost.
    ({ start, end: _end, alarms: _alarms, overflowed = [], ...figures }): PackedWindow => ({
      ...figures,
      overflowed,
      start: Date.parse(start),
    }),
  );
  return { ...content, windows: columnsOf(windows), alarms: columnsOf(content.alarms) };
}

/** The last moment that can be written: the last window of all ends after it. */
const LAST_MS = 8.64e15;

export function unpackReport(data: ReportData): ReportContent {
  const alarms = rowsOf(data.alarms);
  const windows = rowsOf(data.windows).map(({ start, overflowed, ...figures }): WindowJson => {
    const end = start + data.length;
    const within = alarms.filter(({ time }) => time >= start && time < end).map(windowAlarm);
    return {
      start: new Date(start).toISOString(),
      end: new Date(Math.min(end, LAST_MS)).toISOString(),
      ...figures,
      ...(overflowed.length === 0 ? {} : { overflowed }),
      alarms: within,
    };
  });
  return { ...data, windows, alarms };
}

function windowAlarm({ mean_since_low: _low, mean_since_high: _high, again: _again, ...alarm }: ReportAlarm): WindowAlarm {
  return alarm;
}

function columnsOf<Row extends object>(rows: readonly Row[]): Columns<Row> {
  const columns: { -readonly [Name in keyof Row]?: readonly Row[Name][] } = {};
  for (const name of Object.keys(rows[0] ?? {}) as (keyof Row)[]) columns[name] = rows.map((row) => row[name]);
  return columns as Columns<Row>;
}

function rowsOf<Row extends object>(columns: Columns<Row>): Row[] {
  const names = Object.keys(columns) as (keyof Row)[];
  const [first] = names;
  if (first === undefined) return [];
  return columns[first].map((_, i) => Object.fromEntries(names.map((name) => [name, columns[name][i]])) as Row);
}
