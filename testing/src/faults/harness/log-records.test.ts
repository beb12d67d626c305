import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { freshFolder } from "../../vitest/index.js";
import { logRecords, type LogRecord } from "./log-records.js";

const folder = freshFolder();
const HEADER = "id,y_true,y_pred,absolute_error\n";

async function recordsOf(name: string): Promise<LogRecord[]> {
  const all: LogRecord[] = [];
  for await (const records of logRecords(folder.at(name))) all.push(...records);
  return all;
}

test.each([
  ["without a line", HEADER, []],
  [
    "of plain lines, the last one torn",
    `${HEADER}a-1,1,2,1\nü,3,4,1\nb,`,
    [
      { id: "a-1", values: "1,2,1" },
      { id: "ü", values: "3,4,1" },
      { id: "b", values: "" },
    ],
  ],
  [
    "with quoted ids",
    `${HEADER}a,1,2,1\n"x,""y""\nz",3,4,1\nb,5,6,1\n`,
    [
      { id: "a", values: "1,2,1" },
      { id: 'x,"y"\nz', values: "3,4,1" },
      { id: "b", values: "5,6,1" },
    ],
  ],
])("a log %s", async (_, text, records) => {
  folder.write("log.csv", text);
  expect(await recordsOf("log.csv")).toEqual(records);
});

test("a log of several chunks, and a compressed one", async () => {
  const lines = Array.from({ length: 100_000 }, (_, i) => `run-${String(i + 1).padStart(10, "0")},1,2,1\n`);
  folder.write("log.csv", HEADER + lines.join(""));
  folder.write("log.csv.gz", gzipSync(HEADER + lines.join("")));
  const records = await recordsOf("log.csv");
  expect(records.length).toBe(100_000);
  expect(records[65_535]).toEqual({ id: "run-0000065536", values: "1,2,1" });
  expect(await recordsOf("log.csv.gz")).toEqual(records);
});

test("a quote in a later chunk", async () => {
  const lines = Array.from({ length: 100_000 }, (_, i) => `run-${String(i + 1).padStart(10, "0")},1,2,1\n`);
  folder.write("log.csv", `${HEADER}${lines.join("")}"q,q",1,2,1\nlast,1,2,1\n`);
  const records = await recordsOf("log.csv");
  expect(records.length).toBe(100_002);
  expect(records.slice(-2).map(({ id }) => id)).toEqual(["q,q", "last"]);
});
