import { appendFileSync, rmSync, truncateSync } from "node:fs";
import { csvField, Ids } from "@streamgauge/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hashIds } from "./id-hash.js";
import { freshFolder } from "@streamgauge/testing/vitest";
import { SYSTEM_DISK } from "./append-file.js";
import { formatLine, LOG_HEADER } from "@streamgauge/core/metric-log";
import { TAIL_BYTES, type MetricLog } from "./metric-log.js";
import { recoverLog, type CommittedLog } from "./recovery.js";

const folder = freshFolder();
const NOON = new Date("2026-01-31T12:00:00.000Z");
const LOG = "metric_log.csv";
const ABC = `${LOG_HEADER}a,1,3,2\nb,2,2,0\nc,5,4,1\n`;

function recover(committed?: CommittedLog, generationIds = 200_000) {
  return recoverLog(folder.at(LOG), committed, { disk: SYSTEM_DISK, now: NOON, generationIds });
}

/** What the store has recorded if this was the log. */
function committed(text: string): CommittedLog {
  const bytes = Buffer.from(text);
  return { length: bytes.length, tail: bytes.subarray(-TAIL_BYTES), generations: [] };
}

/** Which of these ids the log has. */
function known(log: MetricLog, ids: readonly string[]): string[] {
  const all = Ids.of(ids);
  const hashes = hashIds(all);
  return ids.filter((id, row) => log.find(all, hashes, row)?.id === id);
}

/** The findings without the folder in their paths. */
function sentences(findings: readonly string[]): string[] {
  return findings.map((finding) => finding.replaceAll(`${folder.path}/`, ""));
}

describe("without a state", () => {
  test("a missing log is created", () => {
    const { log, findings } = recover();
    expect(folder.read(LOG)).toBe(LOG_HEADER);
    expect([log.lines, log.length, findings]).toEqual([0, 32, []]);
    log.close();
  });

  test("an existing log is continued", () => {
    folder.write(LOG, ABC);
    const { log, findings } = recover();
    expect(findings).toEqual([]);
    expect([log.lines, log.length]).toEqual([3, 56]);
    expect([log.statistics.count, log.statistics.values().mae]).toEqual([3, 1]);
    expect(known(log, ["a", "b", "c", "d"])).toEqual(["a", "b", "c"]);
    log.close();
  });

  test.each([
    ["within a line", "d,1,2"],
    ["without its break", "d,1,2,1"],
    ["with NULs, as after a power cut", "\0".repeat(5_000)],
    ["with a line and NULs", "d,1,\0\0\0\0"],
    ["with arbitrary bytes", "\u0001ÿ,\n,,\n"],
    ["within quotes", '"d\n'],
  ])("a log that ends %s is cut back to whole lines, and the rest is kept", (_, torn) => {
    folder.write(LOG, ABC + torn);
    const { log, findings } = recover();
    expect(folder.read(LOG)).toBe(ABC);
    expect(folder.read("metric_log.cut-20260131T120000.csv")).toBe(torn);
    expect(sentences(findings)).toEqual([
      `The last ${Buffer.byteLength(torn)} bytes of ${LOG} are not a whole line: they are kept in metric_log.cut-20260131T120000.csv.`,
    ]);
    expect(log.lines).toBe(3);
    log.close();
  });

  test("a torn header is written again", () => {
    folder.write(LOG, "id,y_tr");
    expect(recover().log.lines).toBe(0);
    expect(folder.read(LOG)).toBe(LOG_HEADER);
    expect(folder.read("metric_log.cut-20260131T120000.csv")).toBe("id,y_tr");
  });

  test.each([
    ["another header", "id;y_true;y_pred\n1;2;3\n"],
    ["Windows line ends", ABC.replaceAll("\n", "\r\n")],
    ["a byte order mark", `\ufeff${ABC}`],
    ["something else", "\0\u0001\u0002"],
  ])("a file with %s is set aside", (_, content) => {
    folder.write(LOG, content);
    const { log, findings } = recover();
    expect(folder.read(LOG)).toBe(LOG_HEADER);
    expect(folder.read("metric_log.set-aside-20260131T120000.csv")).toBe(content);
    expect(sentences(findings)).toEqual([
      `${LOG} does not start with the header "id,y_true,y_pred,absolute_error". It is kept as metric_log.set-aside-20260131T120000.csv; a new file is started.`,
    ]);
    log.close();
  });

  test("malformed lines in the middle stay and are not counted", () => {
    const text = `${LOG_HEADER}a,1,3,2\nnonsense\nb,2,2,0\n"x"y,1,1,0\nc,5,4,7\nd,5,4,1\n`;
    folder.write(LOG, text);
    const { log, findings } = recover();
    expect(folder.read(LOG)).toBe(text);
    expect(log.lines).toBe(3);
    expect(known(log, ["a", "b", "c", "d"])).toEqual(["a", "b", "d"]);
    expect(sentences(findings)).toEqual([`${LOG} has malformed lines (3); they stay in the file and do not count.`]);
    log.close();
  });

  test("malformed lines in the middle stay; those at the end are cut off", () => {
    folder.write(LOG, `${LOG_HEADER}bad\na,1,3,2\nbad\nbad\nb,`);
    const { log, findings } = recover();
    expect(folder.read(LOG)).toBe(`${LOG_HEADER}bad\na,1,3,2\n`);
    expect(sentences(findings)).toEqual([
      `The last 10 bytes of ${LOG} are not a whole line: they are kept in metric_log.cut-20260131T120000.csv.`,
      `${LOG} has malformed lines (1); they stay in the file and do not count.`,
    ]);
    log.close();
  });

  test("a quoted id with line breaks is read across the end of a chunk", () => {
    // A chunk has 4 MiB. With lines of 42 bytes it ends within one of them, in its quotes.
    const ids = Array.from({ length: 120_000 }, (_, i) => `line\nbreak "${String(i).padStart(13, "0")}"\n`);
    folder.write(LOG, LOG_HEADER + ids.map((id) => formatLine(csvField(id), 1, 1)).join(""));
    const { log, findings } = recover();
    expect(findings).toEqual([]);
    expect(log.length).toBeGreaterThan(4 << 20);
    expect(log.lines).toBe(120_000);
    const some = ids.filter((_, i) => i % 997 === 0 || i > 119_990);
    expect(known(log, some)).toEqual(some);
    log.close();
  });
});

describe("with a state", () => {
  test("the committed log is continued", () => {
    folder.write(LOG, ABC);
    const { log, findings } = recover(committed(ABC));
    expect([log.lines, findings]).toEqual([3, []]);
    log.close();
  });

  test.each([
    ["whole lines", "d,1,2,1\ne,1,2,1\n"],
    ["a torn line", "d,1,2,1\ne,1,"],
    ["NULs", "\0".repeat(100)],
  ])("%s beyond it: they are cut off and kept", (_, beyond) => {
    folder.write(LOG, ABC + beyond);
    const { log, findings } = recover(committed(ABC));
    expect(folder.read(LOG)).toBe(ABC);
    expect(folder.read("metric_log.cut-20260131T120000.csv")).toBe(beyond);
    expect(known(log, ["c", "d"])).toEqual(["c"]);
    expect(sentences(findings)).toEqual([
      `${LOG} had ${beyond.length} uncommitted bytes: they were cut off and kept in metric_log.cut-20260131T120000.csv, and their rows are redelivered.`,
    ]);
    log.close();
  });

  test("lost last bytes are restored (truncate -s -7)", () => {
    truncateSync(folder.write(LOG, ABC), ABC.length - 7);
    const { log, findings } = recover(committed(ABC));
    expect(folder.read(LOG)).toBe(ABC);
    expect(known(log, ["a", "b", "c"])).toEqual(["a", "b", "c"]);
    expect(sentences(findings)).toEqual([`${LOG} had lost its last 7 bytes; they were restored.`]);
    log.close();
  });

  const long = LOG_HEADER + Array.from({ length: 2_000 }, (_, i) => `row-${i},1,3,2\n`).join("");

  test("as many bytes are restored as the store has, and no more", () => {
    truncateSync(folder.write(LOG, long), long.length - TAIL_BYTES);
    expect(sentences(recover(committed(long)).findings)).toEqual([`${LOG} had lost its last 8192 bytes; they were restored.`]);
    expect(folder.read(LOG)).toBe(long);

    truncateSync(folder.at(LOG), long.length - TAIL_BYTES - 1);
    const { log, findings } = recover(committed(long));
    expect(findings[0]).toMatch(/is not the log that was committed/);
    // The line that was cut in two is cut off.
    expect(folder.read(LOG)).toBe(long.slice(0, long.lastIndexOf("\n", long.length - TAIL_BYTES - 2) + 1));
    expect(known(log, ["row-0", "row-1999"])).toEqual(["row-0"]);
    log.close();
  });

  test.each([
    ["deleted", () => rmSync(folder.at(LOG))],
    ["emptied", () => truncateSync(folder.at(LOG), 0)],
    ["cut down to its header", () => truncateSync(folder.at(LOG), LOG_HEADER.length)],
  ])("a log that was %s is started anew, even if the tail was all of it", (_, remove) => {
    folder.write(LOG, ABC);
    remove();
    const { log, findings } = recover(committed(ABC));
    expect(folder.read(LOG)).toBe(LOG_HEADER);
    expect([log.lines, known(log, ["a"])]).toEqual([0, []]);
    expect(findings).toEqual([expect.stringMatching(/is not the log that was committed \(32 bytes, committed 56\)/)]);
    log.close();
  });

  test("an exchanged log is continued as it is", () => {
    folder.write(LOG, `${LOG_HEADER}x,1,3,2\ny,2,2,0\nz,5,4,1\nw,5,4,1\n`);
    const { log, findings } = recover(committed(ABC));
    expect(log.lines).toBe(4);
    expect(known(log, ["a", "x"])).toEqual(["x"]);
    expect(findings).toEqual([
      expect.stringMatching(/is not the log that was committed \(64 bytes, committed 56\): lines were removed or changed/),
    ]);
    log.close();
  });

  test("a log without its first lines is continued as it is", () => {
    folder.write(LOG, `${LOG_HEADER}c,5,4,1\n`);
    const { log, findings } = recover(committed(ABC));
    expect(known(log, ["a", "b", "c"])).toEqual(["c"]);
    expect(findings).toHaveLength(1);
    log.close();
  });

  test("a file with another header is set aside, and the store restores none of it", () => {
    folder.write(LOG, "name;age\n");
    const { log, findings } = recover(committed(ABC));
    expect(folder.read(LOG)).toBe(LOG_HEADER);
    expect([log.lines, findings.length]).toEqual([0, 2]);
    log.close();
  });
});

describe("generations", () => {
  const ids = Array.from({ length: 11 }, (_, i) => `${String.fromCharCode(97 + i)}`);
  const text = LOG_HEADER + ids.map((id, i) => `${id},${i % 10},0,${i % 10}\n`).join("");

  /** Writes the log at once, with generations of four ids. @returns what the store has recorded. */
  function writtenWithGenerations(): CommittedLog {
    const { log } = recover(undefined, 4);
    const all = Ids.of(ids);
    log.stage({ ids: all, hashes: hashIds(all), yTrue: Float64Array.from(ids, (_, i) => i % 10), yPred: new Float64Array(ids.length) });
    log.write();
    log.close();
    const { length, tail } = committed(text);
    return { length, tail: tail.subarray(-24), generations: JSON.parse(JSON.stringify(log.generations)) };
  }

  test("are restored: the log is read from the start of the older one, and not before", () => {
    const state = writtenWithGenerations();
    expect(folder.read(LOG)).toBe(text);
    // Damage before the older generation is not read.
    const bytes = Buffer.from(text);
    bytes.fill("#", 40, 60);
    folder.write(LOG, bytes);
    const { log, findings } = recover(state, 4);
    expect(findings).toEqual([]);
    expect(log.lines).toBe(11);
    expect([log.statistics.count, log.statistics.values().mae]).toEqual([11, 45 / 11]);
    expect(log.generations).toEqual(state.generations);
    expect(known(log, ids)).toEqual(["e", "f", "g", "h", "i", "j", "k"]);
    log.close();
  });

  test("are the same when the whole log is read", () => {
    const state = writtenWithGenerations();
    const { log } = recover({ ...state, generations: [] }, 4);
    expect(log.generations.map(({ offset, lines, statistics }) => [offset, lines, statistics.histogram])).toEqual(
      state.generations.map(({ offset, lines, statistics }) => [offset, lines, statistics.histogram]),
    );
    expect(known(log, ids)).toEqual(["e", "f", "g", "h", "i", "j", "k"]);
    log.close();
  });

  test("are discarded if the log was exchanged", () => {
    const state = writtenWithGenerations();
    folder.write(LOG, ABC);
    const { log } = recover(state, 4);
    expect(log.generations.map(({ offset, lines }) => [offset, lines])).toEqual([[32, 0]]);
    expect(known(log, ["a", "b", "c"])).toEqual(["a", "b", "c"]);
    log.close();
  });
});

describe("any damage to the file", () => {
  const id = fc.string({ unit: fc.constantFrom("a", "b", '"', ",", "\n", "é"), minLength: 1, maxLength: 12 });
  const lines = fc
    .uniqueArray(id, { minLength: 1, maxLength: 30 })
    .map((some) => some.map((each, i) => [each, formatLine(csvField(each), i, 0)] as const));
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((some) => Buffer.from(some)),
    fc.nat(5_000).map((length) => Buffer.alloc(length)),
    fc.string({ unit: fc.constantFrom("a", '"', ",", "\n", "1") }).map((text) => Buffer.from(text)),
  );

  test("exactly the committed lines are left if bytes were added or up to 8 KiB are missing", () => {
    fc.assert(
      fc.property(lines, bytes, fc.nat(400), fc.boolean(), (written, more, missing, cut) => {
        const text = LOG_HEADER + written.map(([, line]) => line).join("");
        const path = folder.write(LOG, text);
        if (cut) truncateSync(path, Math.max(LOG_HEADER.length + 1, Buffer.byteLength(text) - missing));
        else appendFileSync(path, more);
        const { log } = recover(committed(text));
        expect(folder.read(LOG)).toBe(text);
        expect(log.lines).toBe(written.length);
        const ids = written.map(([each]) => each);
        expect(known(log, ids)).toEqual(ids);
        log.close();
      }),
      { numRuns: 200 },
    );
  });

  test("without a state every whole line is kept", () => {
    fc.assert(
      fc.property(lines, fc.nat(400), (written, missing) => {
        const text = LOG_HEADER + written.map(([, line]) => line).join("");
        const left = Math.max(LOG_HEADER.length, Buffer.byteLength(text) - missing);
        truncateSync(folder.write(LOG, text), left);
        let end = LOG_HEADER.length;
        const whole = written.filter(([, line]) => (end += Buffer.byteLength(line)) <= left);
        const { log } = recover();
        expect(folder.read(LOG)).toBe(LOG_HEADER + whole.map(([, line]) => line).join(""));
        expect(log.lines).toBe(whole.length);
        log.close();
      }),
      { numRuns: 200 },
    );
  });
});
