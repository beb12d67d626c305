import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import {
  mae,
  mergeMoments,
  momentsOf,
  NO_MOMENTS,
  r2,
  readLogLines,
  rmse,
  type Balance,
  type Metrics,
  type Moments,
  type Side,
} from "@streamgauge/metrics";
import type { Scoring } from "@streamgauge/model";

export interface SummaryOptions {
  readonly sent: number;
  readonly seconds: number;
  readonly malformed: number;
  readonly metrics: Metrics;
  readonly scoring: Scoring;
  readonly before: Readonly<Record<Side, Balance>> | undefined;
  readonly logPath: string;
  /** Length of the log before the run, in bytes. */
  readonly logStart: number;
}

/** What a finished run says of itself. Its errors are computed from the lines that the run added to the log, read back from the file. */
export function summarise({ sent, seconds, malformed, metrics, scoring, before, logPath, logStart }: SummaryOptions): string {
  const moments = momentsOfLog(logPath, logStart);
  const balance = metrics.state?.balance;
  const since = (field: keyof Balance) =>
    (["y_true", "y_pred"] as const).reduce((sum, side) => sum + (balance?.[side][field] ?? 0) - (before?.[side][field] ?? 0), 0);
  const rows: readonly (readonly [string, string])[] = [
    ["rows sent", count(sent)],
    ["logged", count(moments.count)],
    ["unmatched", count(since("unmatched"))],
    ["refused", count(scoring.counts.refused + since("deadLettered"))],
    ["duplicates", count(since("duplicates"))],
    ["malformed lines", count(malformed)],
    ["MAE", figure(mae(moments))],
    ["RMSE", figure(rmse(moments))],
    ["R²", figure(r2(moments))],
    ["seconds", seconds.toFixed(2)],
    ["rows/s", count(Math.round(sent / seconds))],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join("\n");
}

function momentsOfLog(path: string, from: number): Moments {
  const fd = openSync(path, "r");
  try {
    const file = {
      length: fstatSync(fd).size,
      read: (offset: number, length: number) => {
        const bytes = Buffer.alloc(length);
        return bytes.subarray(0, readSync(fd, bytes, 0, length, offset));
      },
    };
    let moments = NO_MOMENTS;
    for (const { parsed } of readLogLines(file, from)) {
      const yTrue = Float64Array.from(parsed, (line) => line.yTrue);
      const yPred = Float64Array.from(parsed, (line) => line.yPred);
      moments = mergeMoments(moments, momentsOf(yTrue, yPred));
    }
    return moments;
  } finally {
    closeSync(fd);
  }
}

function count(value: number): string {
  return value.toLocaleString("en");
}

function figure(value: number): string {
  return Number.isFinite(value) ? value.toFixed(4) : "–";
}
