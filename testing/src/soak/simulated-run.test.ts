import { expect, test } from "vitest";
import { simulatedRun, timedDataset } from "./simulated-run.js";

const NOW = Date.UTC(2026, 0, 5, 12, 34, 56);

test("48 hours in 24 minutes go 120 times as fast, and have room for four times as many until now", () => {
  const run = simulatedRun(48, 24, NOW);
  // Eight days before the hour of now.
  expect(run).toEqual({ from: Date.UTC(2025, 11, 28, 12), speed: 120, stepMs: 120, room: 192 });
});

test("rows of the dataset happen one step after another", () => {
  const [head, first, second, ...more] = timedDataset(simulatedRun(48, 24, NOW)).split("\n");
  expect(head).toMatch(/^when,age,/);
  expect(first).toMatch(/^1766923200000,59,/);
  expect(second).toMatch(/^1766923200120,48,/);
  expect(more.length).toBe(442 - 2 + 1);
});
