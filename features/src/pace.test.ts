import { describe, expect, test } from "vitest";
import { Pace, TimePace } from "./pace.js";

describe("the pace", () => {
  test("is even: each row is due one interval after the one before", () => {
    const pace = new Pace(10, 0);
    expect(pace.take(1, 0)).toBe(100);
    expect(pace.take(1, 100)).toBe(100);
    // Late by 30 ms: the next wait is shorter.
    expect(pace.take(1, 230)).toBe(70);
  });

  test("counts all rows of a frame", () => {
    expect(new Pace(100, 0).take(50, 0)).toBe(500);
  });

  test("makes up for a short stall, and not for a long one", () => {
    const short = new Pace(10, 0);
    expect([short.take(1, 500), short.take(1, 500), short.take(5, 500)]).toEqual([0, 0, 200]);
    const long = new Pace(10, 0);
    const rows = Array.from({ length: 12 }, () => long.take(1, 60_000));
    // After a minute without a row it is a second behind, which is ten rows.
    expect(rows).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 100, 200]);
  });

  test("of 0 makes everything due at once", () => {
    const pace = new Pace(0, 0);
    expect([pace.take(1, 0), pace.take(1_000_000, 0)]).toEqual([0, 0]);
  });

  test("may be a fraction of a row", () => {
    expect(new Pace(0.1, 0).take(1, 0)).toBe(10_000);
  });

  test("over a million rows is what was asked for", () => {
    const pace = new Pace(50_000, 0);
    let now = 0;
    for (let row = 0; row < 1_000_000; row += 10) now += pace.take(10, now);
    expect(now).toBeCloseTo(20_000, 3);
  });
});

describe("the pace of event times", () => {
  const HOUR = 3_600_000;

  /** How long each frame waits if the clock stands still; times in hours. */
  function waits(speed: number, ...frames: readonly (readonly number[])[]): number[] {
    const pace = new TimePace(speed, 0);
    return frames.map((hours) =>
      pace.take(
        Float64Array.from(hours, (hour) => hour * HOUR),
        0,
      ),
    );
  }

  test("is that at which rows happened", () => {
    expect(waits(1, [5], [6], [6.5])).toEqual([0, HOUR, 1.5 * HOUR]);
  });

  test("may be so many times faster: an hour a second", () => {
    expect(waits(3_600, [5], [6], [30])).toEqual([0, 1_000, 25_000]);
  });

  test("lets a frame leave with its latest row", () => {
    expect(waits(3_600, [5, 6], [7, 9, 8])).toEqual([0, 3_000]);
  });

  test("lets rows that are earlier than those before them leave at once, and goes on from there", () => {
    expect(waits(3_600, [5], [10], [2], [9], [11], [12])).toEqual([0, 5_000, 5_000, 5_000, 6_000, 7_000]);
  });

  test("makes up for a short stall, and not for a long one", () => {
    const pace = new TimePace(3_600, 0);
    const at = (hour: number, now: number) => pace.take(Float64Array.of(hour * HOUR), now);
    expect([at(0, 0), at(1, 1_600), at(2, 1_600)]).toEqual([0, 0, 400]);
    // After a minute without a row it is a second behind, which is an hour.
    expect([at(3, 60_000), at(4, 60_000), at(5, 60_000)]).toEqual([0, 0, 1_000]);
  });
});
