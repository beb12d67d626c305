import { describe, expect, test } from "vitest";
import { Pace } from "./pace.js";

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
