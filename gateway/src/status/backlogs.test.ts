import { expect, test } from "vitest";
import { Backlogs } from "./backlogs.js";

const depths = (model: number, metrics = 0) => ({ "model.champion": model, "metrics.champion.y_pred": metrics, "dead-letters": 9 });

test("a service is as far behind as the best of what it did in the last ten seconds", () => {
  const backlogs = new Backlogs("champion", 1);
  backlogs.arrived("model", 0, 500);
  // Sent again after an hour.
  backlogs.arrived("model", 500, 3_600_000);
  backlogs.arrived("model", 2_000, 3_600_000);
  expect(backlogs.observe(depths(3, 1), 2_000)).toEqual([
    { service: "model", waiting: 3, behind_s: 0.5, still_s: null },
    { service: "metrics", waiting: 1, behind_s: null, still_s: null },
  ]);
  expect(backlogs.observe(depths(0), 11_000)[0]).toEqual({ service: "model", waiting: 0, behind_s: 3_600, still_s: null });
  expect(backlogs.observe(depths(0), 13_000)[0]?.behind_s).toBe(null);
});

test("messages that wait while none is taken are said after ten seconds", () => {
  const backlogs = new Backlogs("champion", 1);
  const still = (waiting: number, at: number) => backlogs.observe(depths(waiting), at)[0]?.still_s;
  expect([still(5, 0), still(5, 9_000), still(7, 12_000), still(6, 15_000), still(6, 18_000)]).toEqual([null, null, 12, null, null]);
  backlogs.arrived("model", 20_000, 30_000);
  expect([still(6, 21_000), still(6, 31_000), still(0, 34_000)]).toEqual([null, 10, null]);
});
