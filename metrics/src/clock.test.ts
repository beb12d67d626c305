import { describe, expect, test } from "vitest";
import { SYSTEM_CLOCK } from "./clock.js";

describe.each([0, 1])("a task in %d ms", (ms) => {
  test("runs once, and not at once", async () => {
    let done = 0;
    await new Promise<void>((resolve) => {
      SYSTEM_CLOCK.after(ms, () => {
        done += 1;
        resolve();
      });
      expect(done).toBe(0);
    });
    expect(done).toBe(1);
  });

  test("does not run after it was cancelled", async () => {
    const done: string[] = [];
    const cancel = SYSTEM_CLOCK.after(ms, () => done.push("cancelled"));
    cancel();
    await new Promise<void>((resolve) => {
      SYSTEM_CLOCK.after(ms, resolve);
    });
    expect(done).toEqual([]);
  });
});

test("a task in a year does not run now", async () => {
  const done: string[] = [];
  const cancel = SYSTEM_CLOCK.after(365 * 24 * 3_600_000, () => done.push("too soon"));
  await new Promise<void>((resolve) => {
    SYSTEM_CLOCK.after(2, resolve);
  });
  expect(done).toEqual([]);
  cancel();
});

test("now is in ms since 1970, and steady never decreases", () => {
  expect(Math.abs(SYSTEM_CLOCK.now() - Date.now())).toBeLessThan(1_000);
  const first = SYSTEM_CLOCK.steady();
  expect(SYSTEM_CLOCK.steady()).toBeGreaterThanOrEqual(first);
});
