import { captureLog } from "@streamgauge/testing";
import { expect, test } from "vitest";
import { UnrestatedWarning } from "./unrestated-warning.js";

test("what is new since the start is said at once, and what follows within ten seconds together", () => {
  const { log, lines } = captureLog();
  const warning = new UnrestatedWarning(log);
  warning.begin(5);
  for (const [count, now] of [
    [5, 0],
    [6, 1_000],
    [7, 2_000],
    [9, 11_000],
    [9, 30_000],
  ] as const)
    warning.onCommit(count, now);
  expect(lines).toEqual([expect.stringContaining("1 corrections are of rows"), expect.stringContaining("3 corrections are of rows")]);
});
