import { labelOne } from "@streamgauge/testing";
import { ErrorWindow, type SavedWindow, type WindowMessage, type WindowSize } from "@streamgauge/core/windows";
import { describe, expect, test } from "vitest";
import { settledAt, WindowTrend } from "./window-trend.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const LENGTHS = { "1m": MINUTE, "1h": HOUR, "1d": DAY } as const satisfies Record<WindowSize, number>;
/** A midnight. */
const BEGIN = 20_000 * DAY;

/** A window with one labelled row of this error. */
function windowAt(size: WindowSize, start: number, error = 4, revision = 1): SavedWindow {
  const window = new ErrorWindow(size, start);
  window.predict(0, start);
  labelOne(window, { yTrue: 10, yPred: 10 + error, lagMs: 1_000, model: "m", tenth: 0 });
  window.revision = revision;
  window.finalAt = start + 2 * DAY;
  return window.save();
}

/** The windows of all sizes of rows at these times. */
function windowsOf(times: readonly number[]): SavedWindow[] {
  const sizes: readonly WindowSize[] = ["1m", "1h", "1d"];
  return sizes.flatMap((size) => {
    const starts = new Set(times.map((time) => Math.floor(time / LENGTHS[size]) * LENGTHS[size]));
    return Array.from(starts, (start) => windowAt(size, start));
  });
}

function messageOf(windows: readonly SavedWindow[], rest: Partial<WindowMessage> = {}): WindowMessage {
  const watermark = Math.max(...windows.map(({ start }) => start));
  return { lane: "champion", partition: "champion", epoch: 1, watermark, windows, alarms: [], ...rest };
}

function trendOf(...messages: readonly WindowMessage[]): WindowTrend {
  const trend = new WindowTrend();
  for (const message of messages) trend.take(message);
  return trend;
}

const every = (length: number, count: number) => Array.from({ length: count }, (_, i) => BEGIN + i * length);

describe("the size of the windows", () => {
  test.each([
    ["an hour of rows", every(MINUTE, 60), "1m", 60],
    ["four hours of rows", every(MINUTE, 240), "1m", 240],
    ["a minute more", every(MINUTE, 241), "1h", 5],
    ["ten days of rows", every(HOUR, 240), "1h", 240],
    ["an hour more", every(HOUR, 241), "1d", 11],
    ["two years of rows", every(DAY, 730), "1d", 366],
    ["one row", every(MINUTE, 1), "1m", 1],
    // The minutes of yesterday are no longer kept: only hours show all rows.
    ["some minutes of today, and an hour of two days before", [BEGIN, BEGIN + 2 * DAY, BEGIN + 2 * DAY + MINUTE], "1h", 2],
  ] as const)("of %s is %#", (_, times, size, count) => {
    const series = trendOf(messageOf(windowsOf(times))).series();
    expect([series.size, series.windows.length]).toEqual([size, count]);
  });

  test("of no rows has no windows", () => {
    expect(new WindowTrend().series().windows).toEqual([]);
  });

  test("of many days leaves out the earliest", () => {
    const { windows } = trendOf(messageOf(windowsOf(every(DAY, 730)))).series();
    expect([windows[0]?.start, windows.at(-1)?.start]).toEqual([BEGIN + 364 * DAY, BEGIN + 729 * DAY]);
  });
});

describe("a window", () => {
  const maeOf = (trend: WindowTrend) => trend.series().windows.map(({ mae }) => mae);

  test("takes the place of an earlier revision, and not of a later one", () => {
    const trend = new WindowTrend();
    expect(trend.take(messageOf([windowAt("1m", BEGIN, 4, 2)]))).toBe(true);
    expect(trend.take(messageOf([windowAt("1m", BEGIN, 9, 1)]))).toBe(false);
    expect(trend.take(messageOf([windowAt("1m", BEGIN, 4, 2)]))).toBe(false);
    expect(maeOf(trend)).toEqual([4]);
    expect(trend.take(messageOf([windowAt("1m", BEGIN, 7, 3)]))).toBe(true);
    expect(maeOf(trend)).toEqual([7]);
  });

  test("of a state that was made anew takes the place of all from before, and one of that state comes too late", () => {
    const trend = trendOf(messageOf([windowAt("1m", BEGIN, 4, 8), windowAt("1m", BEGIN + MINUTE, 5, 8)]));
    expect(trend.take(messageOf([windowAt("1m", BEGIN, 6, 1)], { epoch: 2 }))).toBe(true);
    expect(trend.take(messageOf([windowAt("1m", BEGIN + MINUTE, 5, 9)], { epoch: 1 }))).toBe(false);
    expect(maeOf(trend)).toEqual([6]);
  });

  test("goes when metrics no longer keeps it", () => {
    const trend = trendOf(messageOf([windowAt("1m", BEGIN)]), messageOf([windowAt("1m", BEGIN + DAY + MINUTE)]));
    expect(trend.series().windows.map(({ start }) => start)).toEqual([BEGIN + DAY + MINUTE]);
  });

  test("has the alarms that its rows raised", () => {
    const alarm = { kind: "worse", model: "m", row: 5, since_row: 1, since_time: null, mean_before: 1, mean_since: 2 } as const;
    const alarms = [
      { ...alarm, time: BEGIN + 5 },
      { ...alarm, time: BEGIN + 5 },
      { ...alarm, row: 6, time: BEGIN - 1 },
    ];
    const { alarms: shown } = trendOf(messageOf([windowAt("1m", BEGIN)], { alarms })).series();
    expect(shown.map(({ row }) => row)).toEqual([5]);
  });
});

describe("provisional windows settle", () => {
  const [labelled] = trendOf(messageOf([windowAt("1m", BEGIN)])).series().windows;
  const half = labelled === undefined ? [] : [{ ...labelled, coverage: 0.5 }];
  const whole = labelled === undefined ? [] : [labelled];

  test.each([
    ["at their end, if their labels are there", whole, BEGIN + 1, BEGIN + MINUTE],
    ["when no label can come any more, if some are missing", half, BEGIN + 1, BEGIN + 2 * DAY],
    ["when the first of them does", [...half, ...whole], BEGIN + 1, BEGIN + MINUTE],
    ["never again after that", whole, BEGIN + MINUTE, Infinity],
  ] as const)("%s", (_, windows, now, time) => {
    expect(settledAt(windows, now)).toBe(time);
  });
});
