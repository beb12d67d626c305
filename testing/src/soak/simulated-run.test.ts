import { expect, test } from "vitest";
import { simulatedRun, timedDataset } from "./simulated-run.js";

const NOW = Date.UTC(2026, 0, 5, 12, 34, 56);

test("48 hours in 24 minutes go 120 times as fast, and are over by now", () => {
  const run = simulatedRun(48, 24, NOW);
  expect(run).toEqual({ from: Date.UTC(2026, 0, 3, 11), speed: 120, stepMs: 120, rows: 1_440_000 });
  expect(run.from + run.rows * run.stepMs).toBeLessThan(NOW);
});

test("rows of the dataset happen one step after another", () => {
  const [head, first, second, ...more] = timedDataset(simulatedRun(48, 24, NOW)).split("\n");
  expect(head).toMatch(/^when,age,/);
  expect(first).toMatch(/^1767438000000,59,/);
  expect(second).toMatch(/^1767438000120,48,/);
  expect(more.length).toBe(442 - 2 + 1);
});
