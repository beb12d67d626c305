import { ErrorWindow, laneWindows, type SavedWindow, type WindowSize } from "@streamgauge/core/windows";
import { fittingReport, type ReportContent } from "@streamgauge/gateway";
import type { LaneAlarm } from "@streamgauge/metrics";
import { labelOne } from "@streamgauge/testing";
import { describe, expect, test, vi } from "vitest";
import type { LaneHistory } from "./lane-history.js";
import { reportContents } from "./report-content.js";
import type { ReportRequest } from "./report-request.js";

vi.setConfig({ testTimeout: 120_000 });

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const MONDAY = Date.UTC(2026, 0, 5);
const LENGTHS = { "1m": MINUTE, "1h": HOUR, "1d": 24 * HOUR } as const;

function windowAt(size: WindowSize, start: number, errors: readonly number[], model = "m@1"): SavedWindow {
  const window = new ErrorWindow(size, start);
  for (const error of errors) {
    window.predict(10, start);
    labelOne(window, { yTrue: 10, yPred: 10 + error, lagMs: 2_000, model, tenth: 10 });
  }
  return window.save();
}

/** A lane whose windows follow each other from a Monday on; the i-th has an error of i % 10. */
function history(size: WindowSize, count: number, more: Partial<LaneHistory> = {}): LaneHistory {
  const starts = Array.from({ length: count }, (_, i) => MONDAY + i * LENGTHS[size]);
  return {
    starts,
    windows: (from, to, onPart) => {
      const windows = starts.filter((start) => start >= from && start < to).map((start, i) => windowAt(size, start, [i % 10]));
      return laneWindows([{ partition: "champion", windows }], onPart);
    },
    alarms: [],
    features: () => ({ drift: null, segments: null }),
    models: [],
    ...more,
  };
}

function request(size: WindowSize, more: Partial<ReportRequest> = {}): ReportRequest {
  const now = Date.UTC(2026, 6, 1);
  return { lane: "champion", model: "", size, from: -Infinity, to: Infinity, now, writtenAt: now, version: "1.2.3", ...more };
}

function alarm(number: number, time: number, model = "m@1"): LaneAlarm {
  const means = { meanBefore: 2, meanSince: 5, meanSinceLow: 4, meanSinceHigh: Number.NaN };
  const rows = { row: number, sinceRow: number - 1, rowsSince: 1, every: 100_000, baseline: 2.1 };
  return { number, model, kind: "worse", time, sinceTime: Number.NaN, raisedAt: time, again: false, ...rows, ...means };
}

/** The content of the report that fits, of its contents. */
function fitting(contents: Iterable<ReportContent>): { content: ReportContent; bytes: number } {
  let last: ReportContent | undefined;
  function* kept(): Generator<ReportContent> {
    for (const content of contents) yield (last = content);
  }
  const { html } = fittingReport(kept());
  if (last === undefined) throw new Error("There is no content.");
  return { content: last, bytes: Buffer.byteLength(html) };
}

describe("the content of a report", () => {
  test("has the windows of the range, their sum, and how to get them again", () => {
    const [content] = reportContents(request("1h", { from: MONDAY + HOUR, to: MONDAY + 4 * HOUR }), history("1h", 24));
    expect(content?.windows.map(({ start, mae }) => [start, mae])).toEqual([
      ["2026-01-05T01:00:00.000Z", 0],
      ["2026-01-05T02:00:00.000Z", 1],
      ["2026-01-05T03:00:00.000Z", 2],
    ]);
    expect(content).toMatchObject({
      count: 3,
      length: HOUR,
      from: MONDAY + HOUR,
      to: MONDAY + 4 * HOUR,
      kept: { from: MONDAY, to: MONDAY + 24 * HOUR },
      summary: { windows: 3, labelled: 3, mae: 1, max_error: 2, start: "2026-01-05T01:00:00.000Z", end: "2026-01-05T04:00:00.000Z" },
    });
    expect(content?.commands.map(({ command }) => command)).toEqual([
      "npx streamgauge report --lane champion --size 1h --from 2026-01-05T01:00:00.000Z --to 2026-01-05T04:00:00.000Z",
      "npx streamgauge windows --lane champion --size 1h --from 2026-01-05T01:00:00.000Z --to 2026-01-05T04:00:00.000Z --json",
    ]);
  });

  test("without windows has none of them", () => {
    const [content] = reportContents(request("1h", { to: MONDAY }), history("1h", 2));
    expect(content).toMatchObject({ windows: [], summary: null, count: 0, from: null, to: MONDAY, kept: { from: MONDAY } });
  });

  test("quotes what a shell would not take as it is", () => {
    const [content] = reportContents(request("1h", { model: "it's $(mine)@1" }), history("1h", 1));
    expect(content?.commands[0]?.command).toContain(` --model 'it'\\''s $(mine)@1'`);
  });

  test("has the alarms that rows of the range raised, with what is not known of them", () => {
    const alarms = [alarm(1, MONDAY - 1), alarm(2, MONDAY), alarm(3, MONDAY + 2 * HOUR - 1), alarm(4, MONDAY + 2 * HOUR), alarm(5, NaN)];
    const [content] = reportContents(request("1h"), history("1h", 2, { alarms }));
    expect(content?.alarms.map(({ row }) => row)).toEqual([2, 3]);
    expect(content?.alarms[0]).toMatchObject({ since_time: null, mean_since: 5, mean_since_low: 4, mean_since_high: null, again: false });
    expect(content?.windows.map((window) => window.alarms.length)).toEqual([1, 1]);
  });
});

describe("a report of at most 1 MB", () => {
  test("of a day of minutes has each of them", () => {
    const { content, bytes } = fitting(reportContents(request("1m"), history("1m", 1_440)));
    expect([content.windows.length, content.length, bytes <= 1_000_000]).toEqual([1_440, MINUTE, true]);
  });

  test("of 100,000 windows has longer ones, in which no row is lost", () => {
    const { content, bytes } = fitting(reportContents(request("1m"), history("1m", 100_000)));
    expect(bytes).toBeLessThanOrEqual(1_000_000);
    // 69 days, 10 hours and 40 minutes.
    expect([content.count, content.length, content.windows.length]).toEqual([100_000, HOUR, 1_667]);
    expect(content.windows.reduce((sum, { labelled }) => sum + labelled, 0)).toBe(100_000);
    expect(content.windows[0]).toMatchObject({ start: "2026-01-05T00:00:00.000Z", labelled: 60, mae: 4.5, max_error: 9 });
    expect(content.windows.at(-1)).toMatchObject({ end: "2026-03-15T11:00:00.000Z", labelled: 40 });
    expect(content.summary).toMatchObject({ windows: 100_000, labelled: 100_000, mae: 4.5 });
  });

  test("of 10,000 days has longer ones too", () => {
    const { content, bytes } = fitting(reportContents(request("1d"), history("1d", 10_000)));
    expect(bytes).toBeLessThanOrEqual(1_000_000);
    expect(content.windows.reduce((sum, { labelled }) => sum + labelled, 0)).toBe(10_000);
  });

  test("leaves out early alarms with long names, and says how many", () => {
    const name = (i: number) => `${"<".repeat(250)}${i}`;
    const alarms = Array.from({ length: 1_000 }, (_, i) => alarm(i + 1, MONDAY + i * MINUTE, name(i)));
    const { content, bytes } = fitting(reportContents(request("1h"), history("1h", 24, { alarms })));
    expect(bytes).toBeLessThanOrEqual(1_000_000);
    expect(content.alarmCount).toBe(1_000);
    expect(content.alarms.length).toBeGreaterThan(50);
    expect(content.alarms.at(-1)?.row).toBe(1_000);
  });
});
