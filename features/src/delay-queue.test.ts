import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { DelayQueue } from "./delay-queue.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function delayQueue(delayMs: number) {
  const released: unknown[] = [];
  return { queue: new DelayQueue<unknown>(delayMs, (item) => released.push(item)), released };
}

describe("a delay queue", () => {
  test("releases each when its own time has come, in order", () => {
    const { queue: held, released } = delayQueue(1_000);
    held.add("a");
    vi.advanceTimersByTime(400);
    held.add("b");
    held.add("c");
    vi.advanceTimersByTime(599);
    expect(released).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(released).toEqual(["a"]);
    vi.advanceTimersByTime(400);
    expect(released).toEqual(["a", "b", "c"]);
    held.add("d");
    vi.advanceTimersByTime(1_000);
    expect(released).toEqual(["a", "b", "c", "d"]);
  });

  test("holds back for longer than one timer can", () => {
    const days = 24 * 60 * 60 * 1_000;
    const { queue: held, released } = delayQueue(60 * days);
    held.add("a");
    vi.advanceTimersByTime(59 * days);
    expect(released).toEqual([]);
    vi.advanceTimersByTime(days);
    expect(released).toEqual(["a"]);
  });

  test("has one timer for a hundred thousand things, and none for nothing", () => {
    const { queue: held, released } = delayQueue(1_000);
    for (let i = 0; i < 100_000; i += 1) held.add(i);
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(1_000);
    expect(released).toEqual(Array.from({ length: 100_000 }, (_, i) => i));
    expect(vi.getTimerCount()).toBe(0);
  });

  test("forgets what it holds when it is closed", () => {
    const { queue: held, released } = delayQueue(1_000);
    held.add("a");
    held.close();
    vi.advanceTimersByTime(2_000);
    expect(released).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
