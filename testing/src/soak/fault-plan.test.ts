import { expect, test } from "vitest";
import { SeededRandom } from "../index.js";
import { faultPlan } from "./fault-plan.js";

const NAMES = ["kill", "freeze", "cut"] as const;
const planOf = (seed: number, count = 10) => faultPlan(new SeededRandom(seed), 48, count, NAMES);

test("a seed decides the plan", () => {
  expect(planOf(7)).toEqual(planOf(7));
  expect(planOf(8)).not.toEqual(planOf(7));
});

test.each([1, 2, 3])("each fault comes as often as the others, and times ascend within the run (seed %d)", (seed) => {
  const plan = planOf(seed);
  const times = plan.map(({ hour }) => hour);
  expect(NAMES.map((name) => plan.filter((fault) => fault.name === name).length).toSorted((one, other) => one - other)).toEqual([3, 3, 4]);
  expect(times).toEqual(times.toSorted((one, other) => one - other));
  expect(Math.min(...times)).toBeGreaterThanOrEqual(0.96);
  expect(Math.max(...times)).toBeLessThanOrEqual(45.6);
});

test("a plan of none", () => {
  expect(planOf(1, 0)).toEqual([]);
});
