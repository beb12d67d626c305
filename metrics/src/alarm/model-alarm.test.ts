import { describe, expect, test } from "vitest";
import { autocorrelatedLosses, exponentialLosses, lognormalLosses, take } from "../testing/loss-streams.js";
import { WatchedModel } from "../testing/watched-model.js";

const HOUR = 3_600_000;

describe("the reference", () => {
  test("is the first 1,000 rows, then frozen", () => {
    const model = new WatchedModel();
    const losses = lognormalLosses(1);
    model.addFrom(losses, 999);
    expect(model.alarm.baseline).toBeUndefined();
    model.addFrom(losses, 1);
    const { baseline } = model.alarm;
    expect(baseline?.rows).toBe(1_000);
    expect(model.alarm.referenceUntilRow).toBe(1_000);
    model.addFrom(losses, 50_000);
    expect(model.alarm.baseline).toEqual(baseline);
  });

  test("goes on while fewer than 10 errors are above 0", () => {
    const model = new WatchedModel();
    model.add(new Float64Array(5_000));
    expect(model.alarm.referenceUntilRow).toBe(0);
    // A model that was perfect and no longer is: the tenth error completes the reference, and soon an alarm is raised.
    const raised = model.add(Float64Array.from({ length: 100 }, () => 1));
    expect(model.alarm.referenceUntilRow).toBe(5_010);
    expect(raised[0]).toMatchObject({ kind: "worse", sinceRow: 5_011, meanSince: 1 });
  });

  test("goes on until rows that depend on each other have said enough", () => {
    const model = new WatchedModel();
    model.addFrom(autocorrelatedLosses(2, 0.99), 1_000);
    expect(model.alarm.referenceUntilRow).toBe(0);
    model.addFrom(autocorrelatedLosses(2, 0.99), 99_000);
    expect(model.alarm.referenceUntilRow).toBeGreaterThan(2_000);
    expect(model.alarm.blockRows).toBeGreaterThanOrEqual(128);
  });

  test("a held-out figure is there from the first row on, and better waits for the first rows", () => {
    const model = new WatchedModel({}, { rows: 1_000, mae: 1, sd: 0 });
    expect(model.alarm.baseline).toMatchObject({ source: "held-out", worse: 1.05, better: undefined });
    const [alarm] = model.addFrom(() => 2, 500);
    expect(alarm).toMatchObject({ kind: "worse", sinceRow: 1, meanBefore: 1, meanSince: 2 });
    expect(alarm?.row).toBeLessThan(100);
    model.addFrom(() => 2, 500);
    expect(model.alarm.baseline?.better?.cap).toBe(8);
  });
});

describe("an alarm", () => {
  test("names the row, where the change began, and the means before and since", () => {
    const model = new WatchedModel({ referenceRows: 20_000 });
    const losses = exponentialLosses(3);
    const errors = take(losses, 60_000).map((loss, row) => (row < 50_000 ? loss : 1.5 * loss));
    const [alarm] = model.add(errors);
    if (alarm === undefined) throw new Error("There is no alarm.");
    expect(alarm.kind).toBe("worse");
    expect(alarm.row).toBeGreaterThan(50_000);
    expect(alarm.row).toBeLessThan(50_300);
    expect(Math.abs(alarm.sinceRow - 50_001)).toBeLessThan(100);
    const mean = (from: number, to: number) => errors.subarray(from, to).reduce((sum, error) => sum + error, 0) / (to - from);
    expect(alarm.rowsSince).toBe(alarm.row - alarm.sinceRow + 1);
    expect(alarm.meanSince).toBeCloseTo(mean(alarm.sinceRow - 1, alarm.row), 9);
    expect(alarm.meanBefore).toBeCloseTo(mean(0, alarm.sinceRow - 1), 9);
    expect(alarm.meanSinceLow).toBeLessThan(alarm.meanSince);
    expect(alarm.meanSinceHigh).toBeGreaterThan(alarm.meanSince);
  });

  test("has the event time of its rows", () => {
    const model = new WatchedModel();
    const errors = Float64Array.from({ length: 2_000 }, (_, row) => (row < 1_500 ? 1 : 2));
    const [alarm] = model.add(
      errors,
      errors.map((_, row) => row * HOUR),
    );
    expect(alarm?.sinceRow).toBe(1_501);
    expect(alarm?.sinceTime).toBe(1_500 * HOUR);
    expect(alarm?.time).toBe(((alarm?.row ?? 0) - 1) * HOUR);
  });

  test("is raised again while the change lasts, and is over when it does not", () => {
    const model = new WatchedModel();
    model.add(Float64Array.from({ length: 2_000 }, () => 1));
    model.add(Float64Array.from({ length: 500 }, () => 2));
    expect(model.raised.length).toBeGreaterThan(2);
    expect(model.raised.map(({ again }) => again)).toEqual([false, ...model.raised.slice(1).map(() => true)]);
    expect(model.alarm.isOn("worse")).toBe(true);
    const before = model.raised.length;
    model.add(Float64Array.from({ length: 900 }, () => 1));
    expect(model.alarm.isOn("worse")).toBe(true);
    model.add(Float64Array.from({ length: 500 }, () => 1));
    expect(model.alarm.isOn("worse")).toBe(false);
    expect(model.raised.slice(before)).toEqual([]);
  });

  test("after an alarm the mean before is of the reference and the rows since that alarm, not of all rows", () => {
    const model = new WatchedModel();
    model.add(Float64Array.from({ length: 2_000 }, () => 1));
    model.add(Float64Array.from({ length: 300 }, () => 2));
    const [first, second] = model.raised;
    // 1,000 rows of the reference and 1,000 behind it; then the reference alone, as the change began with the row after the alarm.
    expect(first).toMatchObject({ sinceRow: 2_001, meanBefore: 1, again: false });
    expect(second).toMatchObject({ sinceRow: (first?.row ?? 0) + 1, meanBefore: 1, meanSince: 2, again: true });
  });

  test.each([
    ["perfect", 0, 120],
    ["ten times better", 0.1, 130],
    ["half as wrong", 0.5, 400],
  ])("better: a model that is suddenly %s is noticed", (_, factor, within) => {
    const losses = lognormalLosses(4);
    const model = new WatchedModel();
    model.addFrom(losses, 20_000);
    const [alarm] = model.addFrom(() => factor * losses(), 1_000);
    expect(alarm?.kind).toBe("better");
    expect(alarm?.row).toBeLessThan(20_000 + within);
    expect(Math.abs((alarm?.sinceRow ?? 0) - 20_001)).toBeLessThan(50);
    expect(alarm?.every).toBe(1_000_000);
  });

  test.each([
    ["infinite", Infinity],
    ["not a number", Number.NaN],
    ["as large as a double can be", Number.MAX_VALUE],
  ])("an error that is %s raises one at once, and the next rows are watched as before", (_, error) => {
    const model = new WatchedModel();
    model.addFrom(exponentialLosses(5), 3_000);
    const [alarm] = model.add([error]);
    expect(alarm).toMatchObject({ kind: "worse", row: 3_001, meanSinceLow: Number.NaN });
    expect(model.addFrom(exponentialLosses(6), 20_000)).toEqual([]);
    const [later] = model.addFrom(() => 3, 100);
    expect(later?.meanSince).toBeGreaterThan(2.5);
    expect(later?.meanSince).toBeLessThan(3.1);
  });

  test("an error of a rare size alone raises none", () => {
    const model = new WatchedModel();
    model.addFrom(exponentialLosses(7), 3_000);
    expect(model.add([1_000])).toEqual([]);
  });

  test("rows that follow in time are noticed too, in blocks", () => {
    const losses = autocorrelatedLosses(8, 0.9);
    const model = new WatchedModel();
    model.addFrom(losses, 100_000);
    expect(model.raised).toEqual([]);
    const [alarm] = model.addFrom(() => 2 * losses(), 10_000);
    expect(alarm?.kind).toBe("worse");
    expect(alarm?.row).toBeLessThan(102_000);
    expect(alarm?.rowsSince).toBe((alarm?.row ?? 0) - (alarm?.sinceRow ?? 0) + 1);
    expect((alarm?.rowsSince ?? 1) % model.alarm.blockRows).toBe(0);
  });
});

describe("seasons by hour of the week", () => {
  const WEEK = 168;
  /** 20 rows an hour; errors are ten times as large from 8 to 18 o'clock. */
  function week(number: number, factor = 1): { errors: Float64Array; times: Float64Array } {
    const losses = exponentialLosses(100 + number);
    const times = Float64Array.from({ length: WEEK * 100 }, (_, i) => (number * WEEK + i / 100) * HOUR);
    const isDay = (time: number) => (time / HOUR) % 24 >= 8 && (time / HOUR) % 24 < 18;
    return { times, errors: times.map((time) => factor * (isDay(time) ? 10 : 1) * losses()) };
  }
  const feed = (model: WatchedModel, { errors, times }: ReturnType<typeof week>) => model.add(errors, times);

  test("the course of the day raises no alarm", () => {
    const model = new WatchedModel({ season: "hour-of-week" });
    for (let i = 0; i < 6; i += 1) feed(model, week(i));
    expect(model.raised).toEqual([]);
  });

  test("the reference lasts a week, and a change in one part of the day is noticed", () => {
    const model = new WatchedModel({ season: "hour-of-week" });
    feed(model, week(0));
    expect(model.alarm.referenceUntilRow).toBe(0);
    feed(model, week(1));
    expect(model.alarm.referenceUntilRow).toBe(WEEK * 100 + 1);
    const { errors, times } = week(2);
    // At night, errors of the size that is usual by day.
    const [alarm] = model.add(
      errors.map((error, i) => (((times[i] ?? 0) / HOUR) % 24 < 8 ? 4 * error : error)),
      times,
    );
    expect(alarm?.kind).toBe("worse");
  });

  test("rows without times are watched by one m, after 1,000 of them", () => {
    const model = new WatchedModel({ season: "hour-of-week" });
    model.addFrom(exponentialLosses(9), 1_000);
    expect(model.alarm.referenceUntilRow).toBe(1_000);
    expect(model.addFrom(() => 3, 100)[0]?.kind).toBe("worse");
  });
});

describe("one false alarm in a time", () => {
  test("is as many rows as come in that time, by the event times", () => {
    const model = new WatchedModel({ every: { ms: 24 * HOUR } });
    // Ten rows a second.
    const times = Float64Array.from({ length: 20_480 }, (_, i) => i * 100);
    model.add(
      times.map(() => 1),
      times,
      1e9,
    );
    expect(model.alarm.every).toBeGreaterThan(0.99 * 864_000);
    expect(model.alarm.every).toBeLessThan(1.01 * 864_000);
  });

  test("an event time in the future does not lower it", () => {
    const model = new WatchedModel({ every: { ms: 24 * HOUR } });
    const times = Float64Array.from({ length: 20_480 }, (_, i) => (i === 5_000 ? 1e15 : i * 100));
    model.add(
      times.map(() => 1),
      times,
      2_048_000,
    );
    expect(model.alarm.every).toBeGreaterThan(0.99 * 864_000);
  });

  test("without event times it is 100,000 rows", () => {
    const model = new WatchedModel({ every: { ms: 24 * HOUR } });
    model.add(new Float64Array(2_000).fill(1));
    expect(model.alarm.every).toBe(100_000);
  });
});
