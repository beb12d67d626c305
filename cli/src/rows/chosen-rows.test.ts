import { rmSync } from "node:fs";
import { LOG_HEADER, noteParts, withLog } from "@streamgauge/core/metric-log";
import { freshFolder } from "@streamgauge/testing/vitest";
import { beforeEach, expect, test } from "vitest";
import { bytesOf, rowOf } from "./chosen-rows.js";

const folder = freshFolder();
const log = () => folder.at("metric_log.csv");
const FIRST = "metric_log.000001-20260130.csv";

/** a and b in the first part, c in the newest: positions 32, 40 and 48; the log ends at 64. */
beforeEach(() => {
  folder.write(FIRST, `${LOG_HEADER}a,1,3,2\nb,1,3,2\n`);
  folder.write("metric_log.csv", `${LOG_HEADER}c,1,3,2\n"d,",5,1,4\n`);
  noteParts(log(), [{ number: 1, day: "20260130", to: 48, lines: 2 }]);
});

const bytes = (from?: number, to?: number) => withLog(log(), (file) => [...bytesOf(file, from, to)].join("").slice(LOG_HEADER.length));
const row = (number: number) => withLog(log(), (file) => rowOf(file, number, "metric_log.csv").join("").slice(LOG_HEADER.length));

test("without a choice it is the whole log, with one header", () => {
  expect(bytes()).toBe('a,1,3,2\nb,1,3,2\nc,1,3,2\n"d,",5,1,4\n');
});

test("positions of an alert count on over parts", () => {
  expect(bytes(40, 56)).toBe("b,1,3,2\nc,1,3,2\n");
  expect(bytes(0, 40)).toBe("a,1,3,2\n");
  expect(bytes(1_000)).toBe("");
});

test("numbers of rows count on over parts", () => {
  expect([row(1), row(3), row(4)]).toEqual(["a,1,3,2\n", "c,1,3,2\n", '"d,",5,1,4\n']);
  for (const none of [0, 5]) expect(() => row(none)).toThrow(`metric_log.csv has 4 rows, and no row ${none}: rows are counted from 1.`);
});

test("a part that is missing is passed over, and its rows are said to be there no more", () => {
  rmSync(folder.at(FIRST));
  expect(bytes()).toBe('c,1,3,2\n"d,",5,1,4\n');
  expect(bytes(40, 56)).toBe("c,1,3,2\n");
  expect(row(3)).toBe("c,1,3,2\n");
  expect(() => row(2)).toThrow("Row 2 of metric_log.csv was in a part that is missing: restore that from a backup.");
});
