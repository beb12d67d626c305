import { renameSync, rmSync, writeFileSync } from "node:fs";
import { freshFolder } from "@streamgauge/testing/vitest";
import { expect, test } from "vitest";
import { blockOf, LAST_BLOCK } from "./blocked-gzip.js";
import { LOG_HEADER } from "./log-line.js";
import { partsOf } from "./log-parts.js";
import { compressedPath, dayOf, partFilesOf, partPath } from "./part-files.js";
import { withLog } from "./parted-log.js";
import { manifestPath, noteParts } from "./parts-manifest.js";
import { readLogLines } from "./read-log-lines.js";

const folder = freshFolder();
const log = () => folder.at("metric_log.csv");
const FIRST = "metric_log.000001-20260130.csv";
const SECOND = "metric_log.000002-20260131.csv";

/** a and b in the first part, c in the second, d in the newest: positions 32, 40, 48 and 56; the log ends at 64. */
function threeParts(): void {
  folder.write(FIRST, `${LOG_HEADER}a,1,3,2\nb,1,3,2\n`);
  folder.write(SECOND, `${LOG_HEADER}c,1,3,2\n`);
  folder.write("metric_log.csv", `${LOG_HEADER}d,1,3,2\n`);
  noteParts(log(), [
    { number: 1, day: "20260130", to: 48, lines: 2 },
    { number: 2, day: "20260131", to: 56, lines: 1 },
  ]);
}

async function compress(name: string): Promise<void> {
  const path = folder.at(name);
  writeFileSync(compressedPath(path), Buffer.concat([await blockOf(Buffer.from(folder.read(name))), LAST_BLOCK]));
  rmSync(path);
}

/** All lines from a position on: where each begins, and what was passed over before it. */
function linesFrom(offset: number) {
  return withLog(log(), (file) =>
    [...readLogLines(file, offset)].map(({ ids, offsets, skipped }) => ({ ids: ids.toArray(), offsets: [...offsets], skipped })),
  );
}

test("names of parts have their number and day, beside those of lanes and partitions", () => {
  expect(partPath("logs/metric_log.csv", { number: 3, day: "20260131" })).toBe("logs/metric_log.000003-20260131.csv");
  expect(partPath("logs/metric_log.challenger.2of4.csv", { number: 12, day: "20260131" })).toBe(
    "logs/metric_log.challenger.2of4.000012-20260131.csv",
  );
  expect(manifestPath("logs/metric_log.2of4.csv")).toBe("logs/.state/metric_log.2of4.parts.json");
  expect(dayOf(Date.UTC(2026, 0, 31, 23, 59, 59))).toBe("20260131");
});

test("parts are found by their names, and no other file is one", () => {
  for (const name of [
    SECOND,
    "metric_log.000010-20260201.csv.gz",
    FIRST,
    `${FIRST}.gz`,
    "metric_log.csv",
    "metric_log.challenger.000001-20260131.csv",
    "metric_log.1of2.000001-20260131.csv",
    "metric_log.cut-20260131T120000.csv",
    "metric_log.000003-20260131.csv.gz.new",
    "metric_log.1-20260131.csv",
  ])
    folder.write(name, "");
  expect(partFilesOf(log())).toEqual([
    { number: 1, day: "20260130", path: folder.at(FIRST), isCompressed: false },
    { number: 2, day: "20260131", path: folder.at(SECOND), isCompressed: false },
    { number: 10, day: "20260201", path: folder.at("metric_log.000010-20260201.csv.gz"), isCompressed: true },
  ]);
});

test("a log without parts is its file", () => {
  folder.write("metric_log.csv", `${LOG_HEADER}a,1,3,2\n`);
  expect(withLog(log(), (file) => [file.length, file.gaps, file.read(30, 100).toString()])).toEqual([40, [], "r\na,1,3,2\n"]);
  rmSync(log());
  expect(() => withLog(log(), () => undefined)).toThrow(/ENOENT/);
});

test("a log is read by positions over its parts, plain and compressed, as if it were one file", async () => {
  threeParts();
  const all = `${LOG_HEADER}a,1,3,2\nb,1,3,2\nc,1,3,2\nd,1,3,2\n`;
  const readAll = () => withLog(log(), (file) => [file.length, file.read(0, 1_000).toString(), file.read(47, 10).toString()]);
  expect(readAll()).toEqual([64, all, "\nc,1,3,2\nd"]);
  await compress(FIRST);
  await compress(SECOND);
  expect(readAll()).toEqual([64, all, "\nc,1,3,2\nd"]);
  expect(linesFrom(32)).toEqual([{ ids: ["a", "b", "c", "d"], offsets: [32, 40, 48, 56], skipped: 0 }]);
  expect(linesFrom(56)).toEqual([{ ids: ["d"], offsets: [56], skipped: 0 }]);
});

test("a length leaves out what is behind it", () => {
  threeParts();
  expect(withLog(log(), (file) => [...readLogLines(file, 32)].flatMap(({ ids }) => ids.toArray()), 56)).toEqual(["a", "b", "c"]);
});

test("a part that is deleted is passed over, and its lines are counted", () => {
  threeParts();
  rmSync(folder.at(FIRST));
  expect(linesFrom(32)).toEqual([{ ids: ["c", "d"], offsets: [48, 56], skipped: 2 }]);
  expect(withLog(log(), (file) => file.gaps)).toEqual([{ path: folder.at(FIRST), from: 32, to: 48, lines: 2, linesBefore: 2 }]);
  expect(withLog(log(), (file) => file.read(0, 100).toString())).toBe(LOG_HEADER);
  expect(() => withLog(log(), (file) => file.read(40, 8))).toThrow(
    `${FIRST} is missing, and so is ${folder.at(FIRST)}.gz: restore one of them from a backup.`,
  );
  rmSync(folder.at(SECOND));
  expect(linesFrom(32)).toEqual([{ ids: ["d"], offsets: [56], skipped: 3 }]);
  expect(linesFrom(32 + 16)).toEqual([{ ids: ["d"], offsets: [56], skipped: 1 }]);
  folder.write("metric_log.csv", LOG_HEADER);
  expect(linesFrom(32)).toEqual([{ ids: [], offsets: [], skipped: 3 }]);
});

test("a part that was finished and not noted follows from its file; so do all if the list is lost", async () => {
  threeParts();
  const [first, second] = [
    { number: 1, day: "20260130", from: 32, to: 48, path: folder.at(FIRST), isMissing: false },
    { number: 2, day: "20260131", from: 48, to: 56, path: folder.at(SECOND), isMissing: false },
  ];
  expect(partsOf(log())).toEqual([
    { ...first, lines: 2 },
    { ...second, lines: 1 },
  ]);
  noteParts(log(), [{ number: 1, day: "20260130", to: 48, lines: 2 }]);
  expect(partsOf(log())).toEqual([
    { ...first, lines: 2 },
    { ...second, lines: undefined },
  ]);
  for (const lost of ["", "{", '{"version":1}']) {
    folder.write(".state/metric_log.parts.json", lost);
    expect(partsOf(log())).toEqual([
      { ...first, lines: undefined },
      { ...second, lines: undefined },
    ]);
  }
  await compress(SECOND);
  expect(partsOf(log()).at(-1)?.to).toBe(56);
});

test("between the two steps of a rotation there is no newest part, and all lines are there", () => {
  threeParts();
  renameSync(log(), folder.at("metric_log.000003-20260131.csv"));
  expect(linesFrom(32)).toEqual([{ ids: ["a", "b", "c", "d"], offsets: [32, 40, 48, 56], skipped: 0 }]);
  expect(withLog(log(), (file) => file.length)).toBe(64);
});

test("a part that is compressed while it is read is read on", async () => {
  threeParts();
  await withLog(log(), async (file) => {
    expect(file.read(48, 8).toString()).toBe("c,1,3,2\n");
    await compress(SECOND);
    expect(file.read(48, 8).toString()).toBe("c,1,3,2\n");
  });
});

test("a part that was changed is named", () => {
  threeParts();
  folder.write(FIRST, `${LOG_HEADER}a,1,3,2\n`);
  expect(() => linesFrom(32)).toThrow(`${FIRST} has 40 bytes; 48 were committed: restore it from a backup, or move it away.`);
  folder.write(FIRST, "x".repeat(48));
  expect(() => linesFrom(32)).toThrow(`${FIRST} does not begin with the header of a log: restore it from a backup, or move it away.`);
});
