import { driftReport } from "@streamgauge/core";
import { FEATURE_REFERENCE, featureHours } from "@streamgauge/testing";
import { expect, test } from "vitest";
import { driftText } from "./drift-text.js";

const MONDAY = Date.UTC(2026, 0, 5);

test("the reference may be of the first rows of the version", () => {
  const windows = featureHours({ first: MONDAY, hours: 1, rowsAnHour: 2_000, seed: 1, drift: () => 0 });
  const report = driftReport({ ...FEATURE_REFERENCE, from: "first_rows" }, windows);
  if (report === undefined) throw new Error("no rows");
  expect(driftText(report)).toContain(
    "2,000 rows of m@1 in 1 hour beside the first 1,000 rows of this version, its reference 0cba33ef67f1. ",
  );
});

test("hours with drift, all hours together, and what was compared", () => {
  const windows = featureHours({ first: MONDAY, hours: 2, rowsAnHour: 2_000, seed: 1, drift: (hour) => 6 * hour });
  const report = driftReport(FEATURE_REFERENCE, windows);
  if (report === undefined) throw new Error("no rows");
  const lines = driftText(report).split("\n");
  expect(lines[0]).toBe("hour (UTC)         rows  PSI of what has drifted");
  // Its cities are thirds, and in the reference a half, three and two tenths.
  expect(lines[1]).toMatch(/^2026-01-05 00:00  2,000  city 0\.1\d$/);
  expect(lines[2]).toMatch(/^2026-01-05 01:00  2,000  bmi \d+\.\d\d, city 0\.1\d$/);
  expect(lines.slice(3, 7)).toEqual([
    "",
    "bmi: since 2026-01-05 01:00 (1 of the 1 hour since)",
    "city: since 2026-01-05 00:00 (2 of the 2 hours since)",
    "",
  ]);
  expect(lines).toContainEqual(expect.stringMatching(/^\* bmi +\d/));
  expect(lines.at(-2)).toMatch(
    /^4,000 rows of m@1 in 2 hours beside the 1,000 of the reference 0cba33ef67f1\. All hours together: Drifted \(\*\): bmi/,
  );
});

test("no hour with drift", () => {
  const report = driftReport(FEATURE_REFERENCE, [
    {
      start: MONDAY,
      model: "m@1",
      layout: "0cba33ef67f1 n23 t6 y7",
      predicted: 1,
      columns: [
        { bins: [{ bin: 5, predicted: 1, labelled: 0, sums: [] }], unseen: [] },
        { bins: [{ bin: 2, predicted: 1, labelled: 0, sums: [] }], unseen: [{ name: "Mars", count: 1, over: 0 }] },
        { bins: [{ bin: 3, predicted: 1, labelled: 0, sums: [] }], unseen: [] },
      ],
    },
  ]);
  if (report === undefined) throw new Error("no rows");
  const text = driftText(report);
  expect(text).toMatch(/^No hour has drift\.\n/);
  expect(text).toContain("Unseen texts of city: Mars (1).");
  expect(text).toMatch(
    /1 rows of m@1 in 1 hour beside the 1,000 of the reference 0cba33ef67f1\. All hours together: Nothing has drifted\.\n$/,
  );
});

test("of long drift the latest hours are listed, with when it began and how to see the others", () => {
  const windows = featureHours({ first: MONDAY, hours: 60, rowsAnHour: 200, seed: 1, drift: (hour) => (hour < 24 ? 0 : 6) });
  const report = driftReport(FEATURE_REFERENCE, windows);
  if (report === undefined) throw new Error("no rows");
  const text = driftText(report);
  expect(text).toContain("\nbmi: since 2026-01-06 00:00 (36 of the 36 hours since)\n");
  expect(text).toContain("\n(29 earlier hours with drift: --to '2026-01-06 12:00' lists the latest of them, --json all.)\n");
});

test("drift that is over says from when to when", () => {
  const windows = featureHours({ first: MONDAY, hours: 60, rowsAnHour: 200, seed: 1, drift: (hour) => (hour < 24 && hour >= 12 ? 6 : 0) });
  const report = driftReport(FEATURE_REFERENCE, windows);
  if (report === undefined) throw new Error("no rows");
  expect(driftText(report)).toContain("\nbmi: from 2026-01-05 12:00 to 2026-01-06 00:00, not since (12 of all 60 hours)\n");
});

test("of several times with drift it names the longest, where that ends, and the latest", () => {
  const flags = "xxx    x  ";
  const windows = featureHours({ first: MONDAY, hours: 10, rowsAnHour: 200, seed: 1, drift: (hour) => (flags[hour] === "x" ? 6 : 0) });
  // No row came in the hour after the longest.
  const report = driftReport(FEATURE_REFERENCE, windows.toSpliced(3, 1));
  if (report === undefined) throw new Error("no rows");
  expect(driftText(report)).toContain(
    "\nbmi: longest from 2026-01-05 00:00 to 2026-01-05 03:00, last at 2026-01-05 07:00 (4 of all 9 hours)\n",
  );
});
