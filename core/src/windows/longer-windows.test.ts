import { labelOne } from "@streamgauge/testing";
import { describe, expect, test } from "vitest";
import { ErrorWindow } from "./error-window.js";
import { longerLengths, longerStart, longerWindows } from "./longer-windows.js";
import { windowJson } from "./window-json.js";

const HOUR = 3_600_000;
const MONDAY = Date.UTC(2026, 0, 5);

function hour(i: number, errors: readonly number[], finalAt = 0) {
  const window = new ErrorWindow("1h", MONDAY + i * HOUR);
  for (const error of errors) {
    window.predict(10, window.start);
    labelOne(window, { yTrue: 10, yPred: 10 + error, lagMs: 2_000, model: "m@1", tenth: 10 });
  }
  window.finalAt = finalAt;
  return window.save();
}

describe("longer windows", () => {
  test("have the rows of those that they are made of, and leave out times without rows", () => {
    const hours = [hour(1, [3]), hour(2, [-1]), hour(3, [5, 5]), hour(30, [7], MONDAY + 99 * HOUR)];
    const longer = [...longerWindows(hours, 3 * HOUR)];
    const json = longer.map((window) => windowJson(window, [], MONDAY + 40 * HOUR, 3 * HOUR));
    expect(json.map(({ start, end, state, labelled, mae, max_error }) => [start, end, state, labelled, mae, max_error])).toEqual([
      ["2026-01-05T00:00:00.000Z", "2026-01-05T03:00:00.000Z", "final", 2, 2, 3],
      ["2026-01-05T03:00:00.000Z", "2026-01-05T06:00:00.000Z", "final", 2, 5, 5],
      ["2026-01-06T06:00:00.000Z", "2026-01-06T09:00:00.000Z", "mature", 1, 7, 7],
    ]);
  });

  test("take an alarm of any part of their time", () => {
    const [longer] = longerWindows([hour(0, [1])], 24 * HOUR);
    const alarm = { kind: "worse", model: "m@1", row: 9, since_row: 1, since_time: null, mean_before: 1, mean_since: 2 } as const;
    const at = (time: number) => [{ ...alarm, time }];
    const alarmsOf = (time: number) => (longer === undefined ? [] : windowJson(longer, at(time), MONDAY, 24 * HOUR).alarms);
    expect(alarmsOf(MONDAY + 23 * HOUR)).toHaveLength(1);
    expect(alarmsOf(MONDAY + 24 * HOUR)).toHaveLength(0);
  });

  test("are none of no windows", () => {
    expect([...longerWindows([], HOUR)]).toEqual([]);
  });

  test("begin with the day, or with a Monday", () => {
    const thursday = Date.UTC(2026, 0, 8, 13, 59);
    expect(new Date(longerStart(thursday, 6 * HOUR)).toISOString()).toBe("2026-01-08T12:00:00.000Z");
    expect(new Date(longerStart(thursday, 24 * HOUR)).toISOString()).toBe("2026-01-08T00:00:00.000Z");
    expect(new Date(longerStart(thursday, 7 * 24 * HOUR)).toISOString()).toBe("2026-01-05T00:00:00.000Z");
    expect(longerStart(-1, HOUR)).toBe(-HOUR);
  });

  test("are each as long as several of the next shorter ones", () => {
    expect(longerLengths("1h").slice(0, 3)).toEqual([HOUR, 3 * HOUR, 6 * HOUR]);
    expect(longerLengths("1d")[0]).toBe(24 * HOUR);
    const lengths = longerLengths("1m");
    expect(lengths.slice(1).filter((length, i) => length % (lengths[i] ?? 0) !== 0)).toEqual([]);
  });
});
