import { expect, test } from "vitest";
import { captureLog } from "@streamgauge/testing";
import { RefusalReport } from "./refusal-report.js";

const REFUSALS = [{ row: 3, id: "x", field: "a", reason: "the value is missing" }];

function setUp() {
  const { log, lines } = captureLog();
  return { report: new RefusalReport(log), said: () => lines.map((line) => line.slice(line.indexOf("): ") + 3)) };
}

test("the first refusal is logged at once, further ones every ten seconds, and the rest at the end", () => {
  const { report, said } = setUp();
  report.add(1, REFUSALS, 5_000);
  expect(said()).toEqual(['1 row refused, to the dead letters: row 3 (id "x"), field a: the value is missing']);
  report.add(1_000, REFUSALS, 5_001);
  report.add(500, REFUSALS, 14_999);
  expect(said()).toHaveLength(1);
  report.add(2, [{ reason: "the body is empty" }], 15_000);
  expect(said()[1]).toBe("1,502 rows refused, to the dead letters: the body is empty");
  report.add(2, REFUSALS, 15_001);
  report.close();
  report.close();
  expect(said().slice(2)).toEqual(["2 rows more refused, to the dead letters."]);
});

test("long reasons are cut", () => {
  const { report, said } = setUp();
  report.add(1, [{ reason: "x".repeat(1_000) }], 0);
  expect(said()).toEqual([`1 row refused, to the dead letters: ${"x".repeat(400)}…`]);
});

test("nothing is said of nothing", () => {
  const { report, said } = setUp();
  report.close();
  expect(said()).toEqual([]);
});
