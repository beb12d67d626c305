import { captureLog } from "@streamgauge/testing";
import { expect, test } from "vitest";
import { OddTimes } from "./odd-times.js";

test("what is new is said at once, and what follows within ten seconds together", () => {
  const { log, lines } = captureLog();
  const odd = new OddTimes(log);
  const newest = Date.UTC(2026, 10, 30, 8, 56);
  odd.onCommit({ future: 5, old: 5 }, newest, 0);
  odd.onCommit({ future: 6, old: 5 }, newest, 1_000);
  odd.onCommit({ future: 7, old: 5 }, newest, 2_000);
  odd.onCommit({ future: 8, old: 7 }, newest, 10_999);
  expect(lines).toHaveLength(1);
  odd.onCommit({ future: 8, old: 7 }, newest, 11_000);
  expect(lines).toEqual([
    expect.stringContaining("Predictions of rows in the future, by their event times: 1."),
    expect.stringContaining("Predictions of rows in the future, by their event times: 2."),
    expect.stringContaining(
      "Predictions of rows more than a day older than the newest, by their event times: 2. The newest is of 2026-11-30T08:56:00.000Z;",
    ),
  ]);
});
