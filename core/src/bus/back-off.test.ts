import { afterEach, expect, test, vi } from "vitest";
import { BackOff } from "./back-off.js";

afterEach(() => {
  vi.restoreAllMocks();
});

test("Waits are drawn below a ceiling that doubles up to the most, and begins anew after a success", () => {
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  const backOff = new BackOff(100, 1_000);
  expect(Array.from({ length: 6 }, () => backOff.next())).toEqual([50, 100, 200, 400, 500, 500]);
  backOff.reset();
  expect(backOff.next()).toBe(50);
});

test("A wait ends early, without an error, when it is given up", async () => {
  vi.spyOn(Math, "random").mockReturnValue(1);
  const ending = new AbortController();
  const waiting = new BackOff(1_000_000, 1_000_000).wait(ending.signal);
  ending.abort();
  await waiting;
  await new BackOff(1_000_000, 1_000_000).wait(ending.signal);
});
