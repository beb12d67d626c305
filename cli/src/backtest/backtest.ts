import { CHAMPION, type Alert, type DriftOverTime, type SegmentsJson } from "@streamgauge/core";
import { WindowSum, type WindowSize, type WindowSummary } from "@streamgauge/core/windows";
import { fittingReport } from "@streamgauge/gateway";
import { ReplayedLane, type LaneAlarm, type PredictedHistory, type ReplayOptions } from "@streamgauge/metrics";
import { laneHistory } from "../report/lane-history.js";
import { reportContents } from "../report/report-content.js";

/** Minutes and hours of a long history are no longer kept at its end: a day is. */
const HOURS_KEPT_MS = 90 * 86_400_000;

/** What a backtest of one model found. */
export interface Backtested {
  readonly model: string;
  /** When it ended by the clock that shows the times of the rows, ms since 1970. */
  readonly endedAt: number;
  /** All of its windows as one. */
  readonly summary: WindowSummary | undefined;
  readonly alarms: readonly LaneAlarm[];
  /** Rows that are the reference of a model without one; 0 if it has its own. */
  readonly firstRows: number;
  /** Why no row is set beside a reference; left out if rows are. */
  readonly notCompared?: string;
  /** What drifted, in the hours that are kept; null if the model has no reference. */
  readonly drift: DriftOverTime | null;
  /** Where the error is, in the hours that are kept; null if the model has no reference. */
  readonly segments: SegmentsJson | null;
  /** Alerts that fired. */
  readonly fired: readonly Alert[];
  /** The report, as HTML, and what it has in a sentence. */
  readonly report: { readonly html: string; readonly says: string };
  /** Half the width that was announced with each row, in the order of the event times; NaN for those before the first. */
  readonly halfWidths: Float64Array;
}

export interface BacktestRequest extends ReplayOptions {
  /** An empty folder for the log. */
  readonly logsDir: string;
  readonly lane?: string;
  /** The windows of the report; undefined: hours of a history up to 90 days long, days of a longer one. */
  readonly size?: WindowSize | undefined;
  /** Of streamgauge. */
  readonly version: string;
}

/** Runs a model's predictions through the code of metrics, as if it had scored the rows while they happened. */
export async function backtest(history: PredictedHistory, request: BacktestRequest): Promise<Backtested> {
  const { logsDir, lane = CHAMPION, version, alarm } = request;
  const replayed = await ReplayedLane.open(logsDir, lane, history, request);
  try {
    await replayed.run();
    const size = request.size ?? sizeFor(history.times);
    const { now } = replayed;
    const content = { lane, size, model: "", from: -Infinity, to: Infinity, now, writtenAt: Date.now(), version };
    const parts = [{ partition: lane, logName: undefined, store: replayed.store }];
    const days = laneHistory(parts, "1d", alarm);
    const sum = new WindowSum();
    for (const window of days.windows(-Infinity, Infinity)) sum.add(window, lane);
    return {
      model: history.model,
      endedAt: now,
      firstRows: history.codedFrom ?? 0,
      ...notCompared(history, alarm.referenceRows),
      summary: sum.summary(),
      alarms: days.alarms,
      ...days.features("", -Infinity, Infinity),
      fired: replayed.alerts.filter(({ state }) => state === "firing"),
      report: fittingReport(reportContents(content, laneHistory(parts, size, alarm))),
      halfWidths: replayed.halfWidths,
    };
  } finally {
    await replayed.close();
  }
}

/** Without a reference of its own a model is compared with its first rows, if any come behind them. */
function notCompared({ times, reference, codedFrom = 0 }: PredictedHistory, referenceRows: number): Pick<Backtested, "notCompared"> {
  const { length: rows } = times;
  if (reference === undefined) return { notCompared: `${rows} rows are fewer than REFERENCE_ROWS (${referenceRows})` };
  return codedFrom < rows ? {} : { notCompared: "no row comes behind them" };
}

function sizeFor(times: Float64Array): WindowSize {
  return (times.at(-1) ?? 0) - (times[0] ?? 0) > HOURS_KEPT_MS ? "1d" : "1h";
}
