import { appendFileSync } from "node:fs";
import { Ids } from "@streamgauge/core";
import { describe, expect, test } from "vitest";
import { hashIds } from "./id-hash.js";
import { freshFolder } from "@streamgauge/testing/vitest";
import { SYSTEM_DISK } from "./append-file.js";
import { LOG_HEADER } from "@streamgauge/core/metric-log";
import type { MetricLog, Pairs } from "./metric-log.js";
import { recoverLog } from "./recovery.js";

const folder = freshFolder();
const NOON = new Date("2026-01-31T12:00:00.000Z");

function open(generationIds = 100_000): MetricLog {
  return recoverLog(folder.at("log.csv"), undefined, { disk: SYSTEM_DISK, now: NOON, generationIds }).log;
}

function pairs(...rows: readonly (readonly [id: string, yTrue: number, yPred: number])[]): Pairs {
  const ids = Ids.of(rows.map(([id]) => id));
  return {
    ids,
    hashes: hashIds(ids),
    yTrue: Float64Array.from(rows, ([, yTrue]) => yTrue),
    yPred: Float64Array.from(rows, ([, , yPred]) => yPred),
  };
}

/** The same pairs, all with the same hashes. */
function colliding(some: Pairs): Pairs {
  const same = new Uint32Array(some.ids.length).fill(7);
  return { ...some, hashes: { low: same, high: same } };
}

function find(log: MetricLog, { ids, hashes }: Pairs) {
  return Array.from({ length: ids.length }, (_, row) => log.find(ids, hashes, row));
}

describe("adding lines", () => {
  test("lines count when they are staged, and are in the file when they are written", () => {
    const log = open();
    expect(log.stage(pairs(["a", 1, 3], ["b", 2, 2]))).toEqual([]);
    expect([log.lines, log.length]).toEqual([2, 48]);
    expect(folder.read("log.csv")).toBe(LOG_HEADER);
    log.write();
    expect([log.lines, log.length]).toEqual([2, 48]);
    expect(folder.read("log.csv")).toBe(`${LOG_HEADER}a,1,3,2\nb,2,2,0\n`);
    expect([log.statistics.count, log.statistics.values().mae]).toEqual([2, 1]);
    log.close();
  });

  test("only the ids of a frame that need quotes get them", () => {
    const log = open();
    log.stage(pairs(["a,b", 1, 1], ["größe", 1, 1], ['"', 1, 1]));
    log.stage(pairs(["größe 2", 1, 1], ["c", 1, 1]));
    log.write();
    expect(folder.read("log.csv")).toBe(`${LOG_HEADER}"a,b",1,1,0\ngröße,1,1,0\n"""",1,1,0\ngröße 2,1,1,0\nc,1,1,0\n`);
    expect(log.length).toBe(Buffer.byteLength(folder.read("log.csv")));
    log.close();
  });

  test("a frame of any size is staged", () => {
    const log = open();
    const rows = Array.from({ length: 10_000 }, (_, i) => [`${"x".repeat(100)}${i}`, i, i] as const);
    log.stage(pairs(...rows));
    log.write();
    expect(folder.read("log.csv")).toBe(LOG_HEADER + rows.map(([id, yTrue, yPred]) => `${id},${yTrue},${yPred},0\n`).join(""));
    log.close();
  });
});

describe("ids that the log already has", () => {
  test("are returned with their line, staged or written, and add no second one", () => {
    const log = open();
    log.stage(pairs(["written", 1, 3]));
    log.write();
    log.stage(pairs(["staged, quoted\n", 5, 4]));
    expect(log.stage(pairs(["written", 9, 9], ["new", 0, 0], ["staged, quoted\n", 9, 9], ["new", 9, 9]))).toEqual([
      { row: 0, line: { id: "written", yTrue: 1, yPred: 3 } },
      { row: 2, line: { id: "staged, quoted\n", yTrue: 5, yPred: 4 } },
      { row: 3, line: { id: "new", yTrue: 0, yPred: 0 } },
    ]);
    log.write();
    expect(folder.read("log.csv")).toBe(`${LOG_HEADER}written,1,3,2\n"staged, quoted\n",5,4,1\nnew,0,0,0\n`);
    expect(log.lines).toBe(3);
    expect([log.statistics.count, log.statistics.values().mae]).toEqual([3, 1]);
    log.close();
  });

  test("are compared as a whole, not by their hashes alone", () => {
    const log = open();
    const there = colliding(pairs(["a", 1, 1], ["b", 2, 2], ["c", 3, 3]));
    expect(log.stage(there)).toEqual([]);
    expect(find(log, there).map((line) => line?.yTrue)).toEqual([1, 2, 3]);
    log.write();
    expect(find(log, there).map((line) => line?.yTrue)).toEqual([1, 2, 3]);
    expect(find(log, colliding(pairs(["d", 0, 0])))).toEqual([undefined]);
    log.close();
  });
});

describe("generations", () => {
  const rows = Array.from({ length: 11 }, (_, i) => [`${i}`, i, 0] as const);

  test("one that starts within a frame counts the lines before it", () => {
    const log = open(4);
    log.stage(pairs(...rows));
    // Lines of 8 bytes behind a header of 32; the first four and the next four.
    expect(log.generations.map(({ offset, lines, statistics }) => [offset, lines, statistics.moments])).toEqual([
      [64, 4, expect.objectContaining({ count: 4, absolute: 6 })],
      [96, 8, expect.objectContaining({ count: 8, absolute: 28 })],
    ]);
    log.write();
    expect([log.statistics.count, log.statistics.values().mae]).toEqual([11, 5]);
    log.close();
  });

  test("the last two are known; older ids are forgotten", () => {
    const log = open(4);
    log.stage(pairs(...rows));
    log.write();
    expect(find(log, pairs(...rows)).map((line) => line?.yTrue)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      4,
      5,
      6,
      7,
      8,
      9,
      10,
    ]);
    log.close();
  });
});

test("the tail is the end of the written file", () => {
  const log = open();
  expect(log.tail(8_192).toString()).toBe(LOG_HEADER);
  log.stage(pairs(["a", 1, 3]));
  log.write();
  expect(log.tail(5).toString()).toBe("1,3,2\n".slice(-5));
  log.close();
});

describe("the number of a line", () => {
  /** An id that spans two lines of the file, and one of bytes beyond ASCII, now and then. */
  const idOf = (i: number) => ["two\nlines", "größe", '"', "row"][i % 4] + String(i);
  const rows = (from: number, to: number) => pairs(...Array.from({ length: to - from }, (_, i) => [idOf(from + i), from + i, 0] as const));
  const numberOf = (log: MetricLog, i: number) => {
    const of = pairs([idOf(i), 0, 0]);
    return log.findNumbered(of.ids, of.hashes, 0);
  };

  test("is found for written lines and staged ones, and after a start", () => {
    const log = open();
    log.stage(rows(0, 300));
    log.write();
    log.stage(rows(300, 500));
    for (const i of [0, 1, 127, 128, 255, 299, 300, 383, 384, 499])
      expect(numberOf(log, i)).toEqual({ id: idOf(i), yTrue: i, yPred: 0, number: i });
    expect(numberOf(log, 500)).toBeUndefined();
    log.write();
    log.close();
    const again = open();
    again.stage(rows(500, 520));
    for (const i of [0, 129, 499, 500, 519]) expect(numberOf(again, i)?.number).toBe(i);
    again.close();
  });

  test("counts lines that are no longer in the index, and not those that are malformed", () => {
    let log = open(150);
    log.stage(rows(0, 200));
    log.write();
    appendFileSync(folder.at("log.csv"), "nonsense\n");
    log.close();
    log = open(150);
    log.stage(rows(200, 400));
    // Two generations of 150 ids: the first is forgotten.
    expect(numberOf(log, 100)).toBeUndefined();
    for (const i of [150, 199, 200, 299, 300, 399]) expect(numberOf(log, i)?.number).toBe(i);
    log.write();
    const { generations, length } = log;
    const tail = log.tail(100);
    log.close();
    const { log: third } = recoverLog(
      folder.at("log.csv"),
      { length, tail, generations },
      { disk: SYSTEM_DISK, now: NOON, generationIds: 150 },
    );
    for (const i of [150, 299, 399]) expect(numberOf(third, i)?.number).toBe(i);
    third.close();
  });
});
