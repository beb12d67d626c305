import { METRICS } from "@streamgauge/core";
import { windowJson, WindowSum, type WindowJson } from "@streamgauge/core/windows";
import type { ReportAlarm, ReportContent } from "../page/report/report-data.js";
import { savedWindow, type TestWindow } from "./published-windows.js";

const HOUR = 3_600_000;
export const MONDAY = Date.UTC(2026, 0, 5);
export const NOW = Date.UTC(2026, 0, 20);

/** An alarm of a report: an error of 2 became one of 5 half an hour before. */
export function reportAlarm(alarm: Partial<ReportAlarm> = {}): ReportAlarm {
  return {
    kind: "worse",
    model: "m@2",
    row: 1_500,
    time: MONDAY + 30 * HOUR,
    since_row: 1_400,
    since_time: MONDAY + 29.5 * HOUR,
    mean_before: 2,
    mean_since: 5,
    mean_since_low: 4,
    mean_since_high: 6.5,
    again: false,
    ...alarm,
  };
}

/** A report of these windows, whatever more it has. */
export function reportContent(windows: readonly TestWindow[], more: Partial<ReportContent> = {}): ReportContent {
  const { alarms = [] } = more;
  const sum = new WindowSum();
  const shown = windows.map((window): WindowJson => {
    const saved = savedWindow(window);
    sum.add(saved, "champion");
    return windowJson(
      saved,
      alarms.map(({ mean_since_low: _low, mean_since_high: _high, again: _again, ...alarm }) => alarm),
      NOW,
    );
  });
  return {
    lane: "champion",
    model: "",
    size: "1h",
    count: windows.length,
    length: HOUR,
    from: null,
    to: null,
    kept: null,
    writtenAt: NOW,
    version: "1.2.3",
    commands: [{ what: "This report:", command: "npx streamgauge report" }],
    metrics: METRICS.map(({ name, title, description, formula }) => ({ name, title, description, formula })),
    windows: shown,
    drift: null,
    segments: null,
    summary: sum.summary() ?? null,
    references: [],
    alarms,
    alarmCount: alarms.length,
    ...more,
  };
}

/** Hours from a Monday on: errors around 5, a new model half-way, and labels missing at the end. */
export function hours(count: number): TestWindow[] {
  return Array.from({ length: count }, (_, i) => ({
    size: "1h" as const,
    start: MONDAY + i * HOUR,
    errors: [4 + (i % 3), -(5 + (i % 2)), 6],
    unlabelled: i > count - 5 ? 3 : 0,
    model: i < count / 2 ? "m@1" : "m@2",
    tenth: i % 10,
    id: `row-${i}-`,
  }));
}
