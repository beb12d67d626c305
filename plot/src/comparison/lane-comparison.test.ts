import { appendFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@streamgauge/testing/vitest";
import { expect, test } from "vitest";
import { coloursIn } from "../fixtures/colours-in.js";
import { Comparison } from "./comparison.js";
import { drawComparison } from "./comparison-picture.js";
import { LaneComparison } from "./lane-comparison.js";

const HEADER = "id,y_true,y_pred,absolute_error\n";

function lines(from: number, to: number, error: number): string {
  return Array.from({ length: to - from }, (_, i) => `r${from + i},${from + i},${from + i + error},${error}\n`).join("");
}

test("two logs are compared while they grow, and anew when one is replaced", async () => {
  const folder = temporaryFolder();
  const [champion, challenger] = [join(folder, "a.csv"), join(folder, "b.csv")];
  const comparison = new LaneComparison([champion], [challenger]);
  expect(await comparison.update()).toEqual({ changed: false, caughtUp: true });

  writeFileSync(champion, HEADER + lines(0, 30_000, 2));
  writeFileSync(challenger, HEADER + lines(100, 20_000, 1));
  while (!(await comparison.update()).caughtUp);
  expect(comparison.summary()).toMatchObject({ rows: 19_900, championMae: 2, challengerMae: 1, missed: 10_000, verdict: "challenger" });

  appendFileSync(challenger, lines(20_000, 25_000, 1));
  while (!(await comparison.update()).caughtUp);
  expect(comparison.summary()).toMatchObject({ rows: 24_900, missed: 5_000, decileRows: 24_900 });

  rmSync(challenger);
  writeFileSync(challenger, HEADER + lines(0, 200, 5));
  while (!(await comparison.update()).caughtUp);
  expect(comparison.summary()).toMatchObject({ rows: 200, verdict: "champion", championMae: 2, challengerMae: 5 });
});

test("a challenger that began long after the champion is compared in all of its rows", async () => {
  const folder = temporaryFolder();
  const [champion, challenger] = [join(folder, "a.csv"), join(folder, "b.csv")];
  writeFileSync(champion, HEADER + lines(0, 300_000, 2));
  writeFileSync(challenger, HEADER + lines(150_000, 300_000, 1));
  const comparison = new LaneComparison([champion], [challenger], undefined, 60_000);
  while (!(await comparison.update()).caughtUp);
  expect(comparison.summary()).toMatchObject({ rows: 150_000, missed: 0 });
});

test("a picture shows it, with rows and without", async () => {
  const shown = { champion: "champion", challenger: "challenger", unit: "kWh", time: new Date(0) };
  const none = new LaneComparison(["/nowhere/a.csv"], ["/nowhere/b.csv"]).summary();
  const png = await drawComparison({ ...none, ...shown });
  expect(png.subarray(1, 4).toString()).toBe("PNG");
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([1_800, 1_500]);
});

test("a long unit leaves the numbers of the axes, the legend and the margins free", async () => {
  const comparison = new Comparison();
  for (let row = 0; row < 200; row += 1) comparison.add({ yTrue: row, champion: 5 + (row % 2), challenger: 4 });
  const unit = "disease progression score a year after baseline, ".repeat(4);
  const shown = { champion: "champion", challenger: "challenger", missed: 0, unit, time: new Date(0) };
  const png = await drawComparison({ ...comparison.summary(), ...shown });
  for (const part of [
    { left: 0, top: 0.53, right: 0.08, bottom: 0.62 },
    { left: 0, top: 0, right: 0.018, bottom: 1 },
    { left: 0.99, top: 0.1, right: 1, bottom: 0.3 },
  ]) {
    expect([...(await coloursIn(png, part)).keys()]).toEqual(["255,255,255"]);
  }
});
