import { expect } from "vitest";
import type { WrittenLog } from "./metric-log.js";

/** The log holds the 442 rows of the diabetes study, each once, with the statistics that scikit-learn computes. */
export function expectStudy(log: WrittenLog): void {
  const { rows, mae, rmse, r2, largestDifference } = log.statistics;
  expect(rows).toBe(442);
  expect(new Set(log.ids).size).toBe(442);
  expect(Math.abs(mae - 43.27745)).toBeLessThan(1e-3);
  expect(Math.abs(rmse - 53.47613)).toBeLessThan(1e-3);
  expect(Math.abs(r2 - 0.51775)).toBeLessThan(1e-3);
  expect(largestDifference).toBe(0);
}
