import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { gunzipSync, gzipSync } from "node:zlib";
import { Ids } from "@streamgauge/core";
import { LOG_HEADER, notedParts, partFilesOf, readLogLines, withLog } from "@streamgauge/core/metric-log";
import { freshFolder } from "@streamgauge/testing/vitest";
import { describe, expect, test } from "vitest";
import { SYSTEM_DISK } from "./append-file.js";
import { compressPart } from "./compress-part.js";
import { hashIds } from "./id-hash.js";
import { TAIL_BYTES, type MetricLog, type Pairs } from "./metric-log.js";
import { recoverLog, type CommittedLog, type RecoveredLog } from "./recovery.js";
import type { Rotation } from "./rotation.js";

const folder = freshFolder();
const path = () => folder.at("metric_log.csv");
const NOON = Date.UTC(2026, 0, 31, 12);
const DAY_MS = 86_400_000;
/** One line of 11 bytes fits beside the header. */
const TINY: Rotation = { kind: "size", bytes: 52 };
const STEPS = ["rotate-after-rename", "rotate-after-header", "rotate-after-note"] as const;

function recover(committed?: CommittedLog, rotation: Rotation | undefined = TINY, generationIds = 100_000): RecoveredLog {
  return recoverLog(path(), committed, { disk: SYSTEM_DISK, now: new Date(NOON), generationIds, rotation });
}

/** A line of 11 bytes for each id of two characters. */
function pairs(...names: readonly string[]): Pairs {
  const ids = Ids.of(names);
  return { ids, hashes: hashIds(ids), yTrue: new Float64Array(names.length).fill(1), yPred: new Float64Array(names.length).fill(30) };
}

/** A line of `pairs`. */
const line = (id: string) => `${id},1,30,29\n`;

function commit(log: MetricLog, now: number, names: readonly string[], passed: (step: string) => void = () => undefined): CommittedLog {
  log.stage(pairs(...names));
  log.finishPart(now, passed);
  log.write();
  return committedOf(log);
}

function committedOf(log: MetricLog): CommittedLog {
  return { length: log.length, tail: log.tail(TAIL_BYTES), generations: log.generations, day: log.day };
}

function names(): string[] {
  return folder.names(/metric_log/).filter((name) => !name.startsWith(".state"));
}

function known(log: MetricLog, ids: readonly string[]): string[] {
  const { ids: all, hashes } = pairs(...ids);
  return ids.filter((id, row) => log.find(all, hashes, row)?.id === id);
}

function lines(): string[] {
  return withLog(path(), (log) => [...readLogLines(log, LOG_HEADER.length)].flatMap(({ ids }) => ids.toArray()));
}

describe("finishing parts", () => {
  test("by size: a part is finished before it would grow beyond it, and a larger commit makes a larger part", () => {
    const { log } = recover(undefined, { kind: "size", bytes: 60 });
    for (const ids of [["aa"], ["bb"], ["cc"], ["d1", "d2", "d3", "d4"], ["ee"]]) commit(log, NOON, ids);
    expect(names()).toEqual([
      "metric_log.000001-20260131.csv",
      "metric_log.000002-20260131.csv",
      "metric_log.000003-20260131.csv",
      "metric_log.csv",
    ]);
    expect(folder.read("metric_log.000001-20260131.csv")).toBe(LOG_HEADER + line("aa") + line("bb"));
    expect(folder.read("metric_log.000002-20260131.csv")).toBe(LOG_HEADER + line("cc"));
    expect(folder.read("metric_log.000003-20260131.csv")).toBe(LOG_HEADER + ["d1", "d2", "d3", "d4"].map(line).join(""));
    expect(folder.read("metric_log.csv")).toBe(LOG_HEADER + line("ee"));
    expect(notedParts(path())).toEqual([
      { number: 1, day: "20260131", to: 54, lines: 2 },
      { number: 2, day: "20260131", to: 65, lines: 1 },
      { number: 3, day: "20260131", to: 109, lines: 4 },
    ]);
    expect([log.length, log.lines, log.finishedParts]).toEqual([120, 8, 3]);
    log.close();
  });

  test("by day: of the last commit in a part, whatever was repaired, restarted or idle since", () => {
    const first = recover(undefined, { kind: "day" }).log;
    commit(first, NOON, ["aa"]);
    const state = commit(first, NOON + 11 * 3_600_000, ["bb"]);
    first.close();
    // Repairs change the time of the file.
    folder.write("metric_log.csv", `${folder.read("metric_log.csv")}torn`);
    const { log, continues } = recover(state, { kind: "day" });
    expect([continues, log.day]).toEqual([true, "20260131"]);
    commit(log, NOON + 3 * DAY_MS, []);
    expect(log.finishedParts).toBe(0);
    commit(log, NOON + 3 * DAY_MS, ["cc"]);
    commit(log, NOON + 2 * DAY_MS, ["dd"]);
    log.close();
    expect(names().filter((name) => !name.includes("cut"))).toEqual(["metric_log.000001-20260131.csv", "metric_log.csv"]);
    expect(folder.read("metric_log.csv")).toBe(LOG_HEADER + line("cc") + line("dd"));
  });

  test("a log that was one file so far has the day of its last change", () => {
    folder.write("metric_log.csv", LOG_HEADER + line("aa"));
    const today = new Date().toISOString().slice(0, 10).replaceAll("-", "");
    const { log } = recover(undefined, { kind: "day" });
    expect(log.day).toBe(today);
    log.close();
  });

  test("without a setting the log is one file and nothing lies beside it", () => {
    const { log } = recoverLog(path(), undefined, { disk: SYSTEM_DISK, now: new Date(NOON), generationIds: 1_000 });
    for (const id of ["aa", "bb", "cc"]) commit(log, NOON, [id]);
    commit(log, NOON + DAY_MS, ["dd"]);
    log.close();
    expect(folder.names()).toEqual(["metric_log.csv"]);
    expect(folder.read("metric_log.csv")).toBe(LOG_HEADER + ["aa", "bb", "cc", "dd"].map(line).join(""));
  });

  test("ids and numbers of lines are found over all parts, plain and compressed", async () => {
    const { log } = recover();
    for (const id of ["aa", "bb", "cc", "dd"]) commit(log, NOON, [id]);
    const { ids, hashes } = pairs("aa", "dd", "xx");
    const numbers = () => [0, 1, 2].map((row) => log.findNumbered(ids, hashes, row)?.number);
    expect(numbers()).toEqual([0, 3, undefined]);
    for (const part of partFilesOf(path())) await compressPart(part.path, new AbortController().signal);
    expect(names().filter((name) => !name.endsWith(".gz"))).toEqual(["metric_log.csv"]);
    expect(numbers()).toEqual([0, 3, undefined]);
    expect(log.stage(pairs("bb")).map(({ line: { id } }) => id)).toEqual(["bb"]);
    log.close();
  });
});

describe.each(STEPS)("a kill at %s", (step) => {
  test.each([1, 2])("of rotation %i loses no line and doubles none", (rotation) => {
    const first = recover().log;
    let state = commit(first, NOON, ["aa"]);
    let passes = 0;
    const kill = (place: string) => {
      if (place === step) passes += 1;
      if (place === step && passes === rotation) throw new Error("killed");
    };
    const logged = ["aa"];
    expect(() => {
      for (const id of ["bb", "cc", "dd"]) {
        state = commit(first, NOON, [id], kill);
        logged.push(id);
      }
    }).toThrow("killed");
    first.close();
    const { log, continues, findings } = recover(state);
    expect([continues, findings]).toEqual([true, []]);
    expect([log.lines, log.length, log.finishedParts]).toEqual([logged.length, 32 + 11 * logged.length, rotation]);
    expect(known(log, ["aa", "bb", "cc", "dd"])).toEqual(logged);
    // What was not committed comes again.
    for (const id of ["aa", "bb", "cc", "dd"]) commit(log, NOON, [id]);
    log.close();
    expect(lines()).toEqual(["aa", "bb", "cc", "dd"]);
    expect(notedParts(path()).map(({ lines: count }) => count)).toEqual(Array.from({ length: log.finishedParts }, () => 1));
  });

  test("bytes of the killed commit behind the rotation are cut off", () => {
    const first = recover().log;
    const state = commit(first, NOON, ["aa"]);
    expect(() =>
      commit(first, NOON, ["bb"], (place) => {
        if (place === step) throw new Error("killed");
      }),
    ).toThrow("killed");
    first.close();
    writeFileSync(path(), LOG_HEADER + line("bb"));
    const { log, findings } = recover(state);
    expect(findings).toEqual([expect.stringMatching(/metric_log\.csv had 11 uncommitted bytes: they were cut off and kept in/)]);
    expect(folder.read("metric_log.csv")).toBe(LOG_HEADER);
    expect(lines()).toEqual(["aa"]);
    log.close();
  });
});

describe("a start", () => {
  /** Three parts of one line each, and one in the newest; the state as of the last commit. */
  function four(generationIds = 100_000): CommittedLog {
    const { log } = recover(undefined, TINY, generationIds);
    let state = committedOf(log);
    for (const id of ["aa", "bb", "cc", "dd"]) state = commit(log, NOON, [id]);
    log.close();
    return state;
  }
  const part = (number: number) => folder.at(`metric_log.00000${number}-20260131.csv`);

  test("needs no part that its index does not know", () => {
    const state = four(1);
    expect(state.generations.map(({ lines: before }) => before)).toEqual([2, 3]);
    for (const number of [1, 2]) rmSync(part(number));
    const { log, continues, findings } = recover(state, TINY, 1);
    expect([continues, findings, log.lines, log.statistics.count]).toEqual([true, [], 4, 4]);
    expect(known(log, ["aa", "bb", "cc", "dd"])).toEqual(["cc", "dd"]);
    log.close();
  });

  test("counts again without a part that its index needs, and goes on; numbers of parts are not given twice", () => {
    const state = four();
    rmSync(part(2));
    const { log, continues, findings } = recover(state);
    expect(continues).toBe(false);
    expect(findings).toEqual([
      `${part(2)} is missing, and the index of ids needs all parts: the log is counted again from the parts that are there; ` +
        "ids that are no longer in it are forgotten.",
    ]);
    expect([log.lines, log.length, log.statistics.count]).toEqual([3, 65, 3]);
    expect(known(log, ["aa", "bb", "cc", "dd"])).toEqual(["aa", "cc", "dd"]);
    const again = commit(log, NOON, ["bb"]);
    log.close();
    expect(lines()).toEqual(["aa", "cc", "dd", "bb"]);
    expect(names().at(-2)).toBe("metric_log.000004-20260131.csv");
    expect(recover(again).continues).toBe(true);
    for (const number of [1, 3, 4]) rmSync(part(number));
    const { log: rest } = recover(again);
    expect(rest.lines).toBe(1);
    commit(rest, NOON, ["ff"]);
    rest.close();
    expect(names()).toEqual(["metric_log.000005-20260131.csv", "metric_log.csv"]);
  });

  test("makes a lost list of the parts again", () => {
    const state = four();
    rmSync(folder.at(".state"), { recursive: true });
    const { log, continues, findings } = recover(state);
    expect([continues, findings, log.lines]).toEqual([true, [], 4]);
    expect(notedParts(path()).map(({ lines: count, to }) => [count, to])).toEqual([
      [1, 43],
      [1, 54],
      [1, 65],
    ]);
    log.close();
  });

  test("names a part that was changed, or was compressed by hand", () => {
    const state = four();
    writeFileSync(part(2), LOG_HEADER);
    expect(() => recover(state)).toThrow(`${part(2)} has 32 bytes; 43 were committed: restore it from a backup, or move it away.`);
    writeFileSync(`${part(2)}.gz`, gzipSync(LOG_HEADER + line("bb")));
    rmSync(part(2));
    expect(() => recover(state)).toThrow(
      `${part(2)}.gz is not gzip in blocks (at byte 0): restore it from a backup, unpack it with gunzip`,
    );
  });

  test("with a state from before a rotation that a later commit made counts what is there", () => {
    const first = recover().log;
    const old = commit(first, NOON, ["aa"]);
    for (const id of ["bb", "cc"]) commit(first, NOON, [id]);
    first.close();
    const { log, continues, findings } = recover(old);
    expect([continues, log.lines, findings.length]).toEqual([false, 3, 1]);
    expect(findings[0]).toMatch(/is not the log that was committed \(65 bytes, committed 43\)/);
    log.close();
  });
});

describe("compressing a part", () => {
  const part = () => folder.at("metric_log.000001-20260131.csv");
  const running = () => new AbortController().signal;

  test("leaves what zcat reads, and no plain part", async () => {
    const content = LOG_HEADER + Array.from({ length: 20_000 }, (_, i) => line(`row-${i}`)).join("");
    writeFileSync(part(), content);
    writeFileSync(`${part()}.gz.new`, "of a killed run");
    expect(await compressPart(part(), running())).toBe(true);
    expect(folder.names()).toEqual(["metric_log.000001-20260131.csv.gz"]);
    expect(gunzipSync(readFileSync(`${part()}.gz`)).toString()).toBe(content);
  });

  test("that is ended leaves the part as it was", async () => {
    writeFileSync(part(), LOG_HEADER);
    expect(await compressPart(part(), AbortSignal.abort())).toBe(false);
    expect(folder.names()).toEqual(["metric_log.000001-20260131.csv"]);
  });

  test("that fails leaves nothing beside it", async () => {
    mkdirSync(part());
    await expect(compressPart(part(), running())).rejects.toThrow("EISDIR");
    expect(folder.names()).toEqual(["metric_log.000001-20260131.csv"]);
  });

  test("is done again after a kill that left both", async () => {
    writeFileSync(part(), LOG_HEADER + line("aa"));
    writeFileSync(`${part()}.gz`, "half");
    writeFileSync(path(), LOG_HEADER);
    expect(lines()).toEqual(["aa"]);
    expect(await compressPart(part(), running())).toBe(true);
    expect([existsSync(part()), lines()]).toEqual([false, ["aa"]]);
  });
});
