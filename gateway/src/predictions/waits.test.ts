import { expect, test } from "vitest";
import { Waits } from "./waits.js";

const never = () => new Promise<string>(() => undefined);

test("a wait has what is promised, or nothing after its time", async () => {
  const waits = new Waits();
  expect(await waits.within(60_000, Promise.resolve("here"))).toBe("here");
  expect(await waits.within(1, never())).toBeUndefined();
  expect(await waits.within(0, Promise.resolve("here"))).toBeUndefined();
  await expect(waits.within(60_000, Promise.reject(new Error("lost")))).rejects.toThrow("lost");
});

test("all waits end together, and none begins after that", async () => {
  const waits = new Waits();
  const [one, other] = [waits.within(600_000, never()), waits.within(600_000, never())];
  waits.end();
  expect([await one, await other, await waits.within(600_000, never()), waits.areEnded]).toEqual([undefined, undefined, undefined, true]);
});
