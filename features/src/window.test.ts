import { describe, expect, test } from "vitest";
import { Window } from "./window.js";

const NEVER = new AbortController().signal;

/** Whether it is settled after the turns of the event loop that a settled promise needs. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  void promise.then(() => (settled = true));
  await new Promise(setImmediate);
  return settled;
}

describe("a window", () => {
  test("has room until it has as many frames as it may", async () => {
    const window = new Window(2, 100);
    window.enter(1);
    expect(await isSettled(window.room(NEVER))).toBe(true);
    window.enter(1);
    const room = window.room(NEVER);
    expect(await isSettled(room)).toBe(false);
    window.leave(1);
    expect(await isSettled(room)).toBe(true);
  });

  test("has room until it has as many rows as it may", async () => {
    const window = new Window(100, 10);
    window.enter(9);
    expect(await isSettled(window.room(NEVER))).toBe(true);
    window.enter(5);
    const room = window.room(NEVER);
    expect(await isSettled(room)).toBe(false);
    window.leave(5);
    expect(await isSettled(room)).toBe(true);
    expect(window.rows).toBe(9);
  });

  test("has room for one frame of any size", async () => {
    expect(await isSettled(new Window(1, 1).room(NEVER))).toBe(true);
  });

  test("counts work until it ends, well or badly", async () => {
    const window = new Window(1, 1);
    let fail: (error: Error) => void = () => undefined;
    const work = window.during(5, () => new Promise<void>((_, reject) => (fail = reject)));
    const empty = window.empty(NEVER);
    expect(window.rows).toBe(5);
    expect(await isSettled(empty)).toBe(false);
    fail(new Error("out of luck"));
    await expect(work).rejects.toThrow("out of luck");
    await empty;
    expect(window.rows).toBe(0);
  });

  test("is waited for no longer than the signal says, and lets go of it", async () => {
    const window = new Window(1, 1);
    window.enter(1);
    const stop = new AbortController();
    const waiting = [window.room(stop.signal), window.empty(stop.signal)];
    expect(await isSettled(Promise.race(waiting))).toBe(false);
    stop.abort();
    await Promise.all(waiting);
    await window.room(stop.signal);
    await window.empty(stop.signal);
  });
});
