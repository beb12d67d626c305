import { describe, expect, test } from "vitest";
import { InFlightLimit } from "./in-flight-limit.js";

const NEVER = new AbortController().signal;

/** Whether it is settled after the turns of the event loop that a settled promise needs. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  void promise.then(() => (settled = true));
  await new Promise(setImmediate);
  return settled;
}

describe("an in-flight limit", () => {
  test("has room until it has as many frames as it may", async () => {
    const limit = new InFlightLimit(2, 100);
    limit.enter(1);
    expect(await isSettled(limit.room(NEVER))).toBe(true);
    limit.enter(1);
    const room = limit.room(NEVER);
    expect(await isSettled(room)).toBe(false);
    limit.leave(1);
    expect(await isSettled(room)).toBe(true);
  });

  test("has room until it has as many rows as it may", async () => {
    const limit = new InFlightLimit(100, 10);
    limit.enter(9);
    expect(await isSettled(limit.room(NEVER))).toBe(true);
    limit.enter(5);
    const room = limit.room(NEVER);
    expect(await isSettled(room)).toBe(false);
    limit.leave(5);
    expect(await isSettled(room)).toBe(true);
    expect(limit.rows).toBe(9);
  });

  test("has room for one frame of any size", async () => {
    expect(await isSettled(new InFlightLimit(1, 1).room(NEVER))).toBe(true);
  });

  test("is empty when all that entered have left", async () => {
    const limit = new InFlightLimit(10, 10);
    limit.enter(5);
    limit.enter(2);
    const empty = limit.empty(NEVER);
    limit.leave(5);
    expect([limit.rows, await isSettled(empty)]).toEqual([2, false]);
    limit.leave(2);
    await empty;
    expect(limit.rows).toBe(0);
  });

  test("is waited for no longer than the signal says, and lets go of it", async () => {
    const limit = new InFlightLimit(1, 1);
    limit.enter(1);
    const stop = new AbortController();
    const waiting = [limit.room(stop.signal), limit.empty(stop.signal)];
    expect(await isSettled(Promise.race(waiting))).toBe(false);
    stop.abort();
    await Promise.all(waiting);
    await limit.room(stop.signal);
    await limit.empty(stop.signal);
  });
});
