import { mkdirSync, rmSync } from "node:fs";
import { LOG_HEADER, noteParts, notedParts, withLog } from "@streamgauge/core/metric-log";
import { freshFolder } from "@streamgauge/testing/vitest";
import { beforeEach, expect, test } from "vitest";
import { copyLog } from "./copy-log.js";

const folder = freshFolder();
const FIRST = "metric_log.000001-20260130.csv";
const SECOND = "metric_log.000002-20260131.csv";
const from = () => folder.at("logs/metric_log.csv");
const to = () => folder.at("backup/metric_log.csv");

/** a and b in the first part, c in the second, d in the newest: positions 32, 40, 48 and 56; the log ends at 64. */
beforeEach(() => {
  mkdirSync(folder.at("logs"));
  folder.write(`logs/${FIRST}`, `${LOG_HEADER}a,1,3,2\nb,1,3,2\n`);
  folder.write(`logs/${SECOND}`, `${LOG_HEADER}c,1,3,2\n`);
  folder.write("logs/metric_log.csv", `${LOG_HEADER}d,1,3,2\n`);
  noteParts(from(), [
    { number: 1, day: "20260130", to: 48, lines: 2 },
    { number: 2, day: "20260131", to: 56, lines: 1 },
  ]);
});

const copies = (length: number) => copyLog(from(), to(), length).map((path) => path.slice(folder.at("backup/").length));
const text = () => withLog(to(), (log) => log.read(0, 1_000).toString());

test("finished parts are copied as they are, and the rest up to the length is the newest part", () => {
  expect(copies(64)).toEqual([FIRST, SECOND, ".state/metric_log.parts.json", "metric_log.csv"]);
  expect(folder.read("backup/metric_log.csv")).toBe(`${LOG_HEADER}d,1,3,2\n`);
  expect(text()).toBe(`${LOG_HEADER}a,1,3,2\nb,1,3,2\nc,1,3,2\nd,1,3,2\n`);
});

test("a part that was finished after the commit is the newest one of the copy, up to that commit", () => {
  expect(copies(40)).toEqual(["metric_log.csv"]);
  expect(folder.read("backup/metric_log.csv")).toBe(`${LOG_HEADER}a,1,3,2\n`);
});

test("a commit at the end of a part leaves a newest part without lines", () => {
  expect(copies(48)).toEqual([FIRST, ".state/metric_log.parts.json", "metric_log.csv"]);
  expect(folder.read("backup/metric_log.csv")).toBe(LOG_HEADER);
  expect(text()).toBe(`${LOG_HEADER}a,1,3,2\nb,1,3,2\n`);
});

test("a part that is missing is missing in the copy, and noted", () => {
  rmSync(folder.at(`logs/${FIRST}`));
  expect(copies(64)).toEqual([SECOND, ".state/metric_log.parts.json", "metric_log.csv"]);
  expect(notedParts(to()).map(({ lines }) => lines)).toEqual([2, 1]);
  expect(withLog(to(), ({ gaps = [] }) => gaps.map(({ lines }) => lines))).toEqual([2]);
});

test("less of the log than is committed is no backup", () => {
  expect(() => copies(65)).toThrow(`${from()} has 64 bytes; 65 are committed.`);
  for (const name of [FIRST, SECOND, "metric_log.csv", ".state/metric_log.parts.json"]) rmSync(folder.at(`logs/${name}`));
  rmSync(folder.at("backup"), { recursive: true });
  expect(() => copies(64)).toThrow(`${from()} is missing; 64 bytes of it are committed.`);
});
