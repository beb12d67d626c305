import { appendFileSync, existsSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { freshFolder } from "@streamgauge/testing/vitest";
import fc from "fast-check";
import { expect, test } from "vitest";
import { blockOf, LAST_BLOCK } from "./blocked-gzip.js";
import { LaneTail } from "./lane-tail.js";
import { LOG_HEADER } from "./log-line.js";
import { LogTail, LogUnreadableError } from "./log-tail.js";
import { partsOf } from "./log-parts.js";
import { compressedPath, partFilesOf } from "./part-files.js";
import { noteParts } from "./parts-manifest.js";

const folder = freshFolder();
const log = () => folder.at("metric_log.csv");
/** The last part that was compressed: the next file gets its inode, as file systems give a freed one again. */
const freed = () => folder.at("freed");

function append(...ids: readonly string[]): void {
  appendFileSync(log(), ids.map((id) => `${id},1,3,2\n`).join(""));
}

/** Finishes the newest part, as metrics does. */
function rotate(): void {
  const number = (partsOf(log()).at(-1)?.number ?? 0) + 1;
  renameSync(log(), folder.at(`metric_log.${String(number).padStart(6, "0")}-20260131.csv`));
  const isFreed = existsSync(freed());
  writeFileSync(isFreed ? freed() : log(), LOG_HEADER);
  if (isFreed) renameSync(freed(), log());
}

/** Notes what is known of the parts. */
function note(): void {
  noteParts(
    log(),
    partsOf(log()).map(({ number, day, to, lines = 1 }) => ({ number, day, to, lines })),
  );
}

/** Compresses the finished parts. */
async function compress(): Promise<void> {
  note();
  for (const { path, isCompressed } of partFilesOf(log())) {
    if (isCompressed) continue;
    const bytes = folder.read(path.slice(folder.path.length + 1));
    writeFileSync(compressedPath(path), Buffer.concat([await blockOf(Buffer.from(bytes)), LAST_BLOCK]));
    renameSync(path, freed());
  }
}

/** Reads all that is new. */
async function read(tail: LogTail): Promise<{ ids: string[]; startedOver: boolean; missing: string[] }> {
  const found = { ids: [] as string[], startedOver: false, missing: [] as string[] };
  for (let batch = await tail.next(); batch !== undefined; batch = await tail.next()) {
    if (batch.startedOver) found.ids.length = 0;
    found.startedOver ||= batch.startedOver;
    found.ids.push(...batch.ids.toArray());
    found.missing.push(...batch.missing.map((path) => path.slice(folder.path.length + 1)));
  }
  return found;
}

const found = (...ids: string[]) => ({ ids, startedOver: false, missing: [] });

test("a log that is rotated is read on, no line is lost and none comes twice", async () => {
  writeFileSync(log(), LOG_HEADER);
  const tail = new LogTail(log());
  append("a", "b");
  expect(await read(tail)).toEqual(found("a", "b"));
  append("c");
  rotate();
  append("d");
  expect(await read(tail)).toEqual(found("c", "d"));
  rotate();
  expect(await read(tail)).toEqual(found());
  append("e");
  rotate();
  append("f");
  rotate();
  await compress();
  append("g");
  expect(await read(tail)).toEqual(found("e", "f", "g"));
  append("h");
  expect(await read(tail)).toEqual(found("h"));
});

test.each([
  ["a line", ["a"]],
  ["the header alone", []],
])("the newest part may have the inode of a part of which %s was read", async (_, before) => {
  writeFileSync(log(), LOG_HEADER);
  append(...before);
  const tail = new LogTail(log());
  expect(await read(tail)).toEqual(found(...before));
  append("b");
  rotate();
  await compress();
  append("c");
  rotate();
  append("d");
  expect(await read(tail)).toEqual(found("b", "c", "d"));
});

test("a tail that begins late reads all parts", async () => {
  writeFileSync(log(), LOG_HEADER);
  append("a");
  rotate();
  append("b");
  await compress();
  rotate();
  append("c");
  const tail = new LogTail(log());
  expect(await read(tail)).toEqual(found("a", "b", "c"));
  tail.rewind();
  expect(await read(tail)).toEqual(found("a", "b", "c"));
});

test("a part is read on that is rotated or compressed in the middle of it", async () => {
  writeFileSync(log(), LOG_HEADER);
  const ids = Array.from({ length: 1_000 }, (_, i) => `row-${i}`);
  append(...ids);
  const tail = new LogTail(log(), { chunkBytes: 2_048 });
  const first = await tail.next();
  rotate();
  append("last");
  const second = await tail.next();
  await compress();
  const rest = await read(tail);
  expect([...(first?.ids.toArray() ?? []), ...(second?.ids.toArray() ?? []), ...rest.ids]).toEqual([...ids, "last"]);
  expect([first?.ids.length, second?.reachedEnd, rest.startedOver]).toEqual([151, false, false]);
});

test("between the two steps of a rotation nothing is lost", async () => {
  writeFileSync(log(), LOG_HEADER);
  append("a");
  const tail = new LogTail(log());
  expect(await read(tail)).toEqual(found("a"));
  append("b");
  renameSync(log(), folder.at("metric_log.000001-20260131.csv"));
  expect(await read(tail)).toEqual(found("b"));
  expect(await read(tail)).toEqual(found());
  writeFileSync(log(), LOG_HEADER);
  append("c");
  expect(await read(tail)).toEqual(found("c"));
});

test("parts that are missing are named; those that were read and are deleted then are not missed", async () => {
  writeFileSync(log(), LOG_HEADER);
  for (const id of ["a", "b", "c"]) {
    append(id);
    rotate();
  }
  append("d");
  note();
  const early = new LogTail(log());
  expect(await read(early)).toEqual(found("a", "b", "c", "d"));
  for (const number of [1, 3]) rmSync(folder.at(`metric_log.00000${number}-20260131.csv`));
  append("e");
  expect(await read(early)).toEqual(found("e"));
  expect(await read(new LogTail(log()))).toEqual({
    ids: ["b", "d", "e"],
    startedOver: false,
    missing: ["metric_log.000001-20260131.csv", "metric_log.000003-20260131.csv"],
  });
});

test("a lane names each missing part once, however often it is read", async () => {
  writeFileSync(log(), LOG_HEADER);
  for (const id of ["a", "b"]) {
    append(id);
    rotate();
  }
  append("c");
  note();
  rmSync(folder.at("metric_log.000001-20260131.csv"));
  const missing: string[] = [];
  const tail = new LaneTail([log(), folder.at("other.csv")], (path) => missing.push(path));
  const ids: string[] = [];
  for (const round of [1, 2]) {
    for (let batch = await tail.next(); batch !== undefined; batch = await tail.next()) ids.push(...batch.ids.toArray());
    if (round === 1) tail.rewind();
  }
  expect(ids).toEqual(["b", "c", "b", "c"]);
  expect(missing).toEqual([folder.at("metric_log.000001-20260131.csv")]);
});

test("a log that was replaced is read from its start again, with the parts that are there", async () => {
  writeFileSync(log(), LOG_HEADER);
  append("a");
  rotate();
  append("b");
  const tail = new LogTail(log());
  expect(await read(tail)).toEqual(found("a", "b"));
  rmSync(log());
  writeFileSync(folder.at("other.csv"), `${LOG_HEADER}x,1,3,2\n`);
  renameSync(folder.at("other.csv"), log());
  expect(await read(tail)).toEqual({ ids: ["a", "x"], startedOver: true, missing: [] });
  rmSync(folder.at("metric_log.000001-20260131.csv"));
  writeFileSync(log(), `${LOG_HEADER}y,1,3,2\n`);
  expect(await read(tail)).toEqual({ ids: ["y"], startedOver: true, missing: [] });
});

test("a part that was changed is an error that names it, and the tail goes on when it is mended", async () => {
  writeFileSync(log(), LOG_HEADER);
  append("a");
  rotate();
  append("b");
  note();
  folder.write("metric_log.000001-20260131.csv", LOG_HEADER);
  const tail = new LogTail(log());
  await expect(tail.next()).rejects.toThrow(LogUnreadableError);
  await expect(tail.next()).rejects.toThrow("metric_log.000001-20260131.csv has 32 bytes; 40 were committed: restore it from a backup");
  folder.write("metric_log.000001-20260131.csv", `${LOG_HEADER}a,1,3,2\n`);
  expect(await read(tail)).toEqual(found("a", "b"));
});

test("a log that was replaced is said to be so also if it could not be read at first", async () => {
  writeFileSync(log(), LOG_HEADER);
  append("a");
  rotate();
  append("b");
  note();
  const tail = new LogTail(log());
  expect(await read(tail)).toEqual(found("a", "b"));
  writeFileSync(log(), `${LOG_HEADER}x,1,3,2\n`);
  folder.write("metric_log.000001-20260131.csv", LOG_HEADER);
  await expect(tail.next()).rejects.toThrow(LogUnreadableError);
  folder.write("metric_log.000001-20260131.csv", `${LOG_HEADER}a,1,3,2\n`);
  expect(await read(tail)).toEqual({ ids: ["a", "x"], startedOver: true, missing: [] });
});

test("a last line of a part that has no end is passed over", async () => {
  writeFileSync(log(), LOG_HEADER);
  append("a");
  appendFileSync(log(), "torn,1,3");
  rotate();
  append("b");
  const tail = new LogTail(log());
  expect(await read(tail)).toEqual(found("a", "b"));
  append("c");
  expect(await read(tail)).toEqual(found("c"));
});

test("in any order of appends, rotations, compressions and readings each line is read once, in order", async () => {
  const step = fc.constantFrom("append", "append", "rotate", "compress", "read", "next");
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      for (const { path } of partFilesOf(log())) rmSync(path);
      rmSync(folder.at(".state"), { recursive: true, force: true });
      writeFileSync(log(), LOG_HEADER);
      const tail = new LogTail(log());
      const ids: string[] = [];
      const seen: string[] = [];
      const look = async () => {
        const batch = await tail.next();
        expect(batch?.startedOver ?? false).toBe(false);
        seen.push(...(batch?.ids.toArray() ?? []));
        return batch;
      };
      for (const each of [...steps, "read"]) {
        if (each === "append") {
          ids.push(`row-${ids.length}`);
          append(`row-${ids.length - 1}`);
        }
        if (each === "rotate") rotate();
        if (each === "compress") await compress();
        if (each === "next") await look();
        if (each === "read") while ((await look()) !== undefined);
      }
      expect(seen).toEqual(ids);
    }),
    { numRuns: 60 },
  );
});
