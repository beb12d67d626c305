import { Deferred } from "@streamgauge/core";
import { expect, test } from "vitest";
import { Pace } from "./pace.js";
import { RowRate } from "./row-rate.js";

test("a rate is of the last ten seconds", () => {
  const rate = new RowRate();
  rate.add(0, { predicted: 100, labelled: 0 });
  expect(rate.value()).toBeNull();
  rate.add(2_000, { predicted: 140, labelled: 10 });
  expect(rate.value()).toEqual({ predicted: 20, labelled: 5 });
  for (const at of [4_000, 8_000, 12_000]) rate.add(at, { predicted: 140, labelled: 10 });
  expect(rate.value()).toEqual({ predicted: 0, labelled: 0 });
});

test("a lane that was begun anew has no rate until there are two seconds of it", () => {
  const rate = new RowRate();
  rate.add(0, { predicted: 1_000, labelled: 0 });
  rate.add(5_000, { predicted: 10, labelled: 0 });
  expect(rate.value()).toBeNull();
  rate.add(7_500, { predicted: 15, labelled: 0 });
  expect(rate.value()).toEqual({ predicted: 2, labelled: 0 });
});

test("what takes long is done seldom", () => {
  const pace = new Pace(1_000, 0.01);
  expect(pace.isDue(0)).toBe(true);
  pace.ran(0, 500, 5);
  expect([pace.isDue(999), pace.isDue(1_000)]).toEqual([false, true]);
  pace.ran(1_000, 1_200, 200);
  expect([pace.isDue(20_999), pace.isDue(21_000)]).toEqual([false, true]);
});

test("waiting costs nothing", async () => {
  const pace = new Pace(0, 0.01);
  const answer = new Deferred<void>();
  const running = pace.run(() => answer.promise);
  // The database takes its time, and the thread works on other things.
  const until = performance.now() + 50;
  while (performance.now() < until);
  answer.resolve();
  await running;
  expect(pace.isDue(performance.now())).toBe(true);
  await pace.run(async (timed) => {
    timed(() => {
      const end = performance.now() + 20;
      while (performance.now() < end);
    });
  });
  const ended = performance.now();
  expect([pace.isDue(ended + 1_500), pace.isDue(ended + 60_000)]).toEqual([false, true]);
});
