import { expect, test } from "vitest";
import { driftedRun } from "./drifted-run.js";

/** Hours from 00 on. @param flags - x for one that drifted. */
function runOf(flags: string) {
  const run = driftedRun(
    Array.from(flags, (flag, hour) => ({ flag, hour })),
    ({ flag }) => flag === "x",
  );
  return run && [run.first.hour, run.last.hour, run.length, run.isLasting];
}

test.each([
  ["a lone hour before it does not count", "..x...xxxx", [6, 9, 4, true]],
  ["a run that lasts counts, though an earlier one is longer", "xxxxx..xx", [7, 8, 2, true]],
  ["the last hour alone lasts", "...x", [3, 3, 1, true]],
  ["every hour", "xxx", [0, 2, 3, true]],
  ["of runs that are over it is the longest", ".x.xxx..xx.", [3, 5, 3, false]],
  ["of equally long ones it is the latest", "xx.xx.", [3, 4, 2, false]],
])("%s: %s", (_, flags, expected) => {
  expect(runOf(flags)).toEqual(expected);
});

test("without drift, and without hours, there is none", () => {
  expect([runOf("..."), runOf("")]).toEqual([undefined, undefined]);
});
