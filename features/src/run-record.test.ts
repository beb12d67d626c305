import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { captureLog } from "@streamgauge/testing";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "@streamgauge/testing/vitest";
import { RunRecord } from "./run-record.js";

function setUp() {
  const path = join(temporaryFolder(), ".state", "features.json");
  const { log, lines } = captureLog();
  const open = (options: { signature?: string; startOver?: boolean } = {}) =>
    new RunRecord({ path, signature: "s", startOver: false, log, ...options });
  return { path, open, lines };
}

/** Sends and confirms up to this mark. */
function confirm(record: RunRecord, rows: number, position: number): void {
  record.expect({ rows, position, shift: 0 }, 1)();
}

describe("the record of a run", () => {
  test("begins with nothing", () => {
    const { open, lines } = setUp();
    const record = open();
    expect(record.start).toEqual({ rows: 0, position: 0, shift: 0 });
    expect(lines).toEqual([expect.stringContaining(`Run ${record.run} begins.`)]);
  });

  test("goes on after what was confirmed", () => {
    const { open, lines } = setUp();
    const first = open();
    confirm(first, 500, 58);
    first.expect({ rows: 501, position: 59, shift: 0 }, 2)();
    first.save(false);
    const second = open();
    expect([second.run, second.start]).toEqual([first.run, { rows: 500, position: 58, shift: 0 }]);
    expect(lines.at(-1)).toContain(`Run ${first.run} goes on after row 500.`);
    second.save(false);
    expect(open().start).toEqual({ rows: 500, position: 58, shift: 0 });
  });

  test("is finished, also when it was finished before it began", () => {
    const { open } = setUp();
    const first = open();
    first.save(true);
    expect(open().run).not.toBe(first.run);
  });

  test.each([{ signature: "other" }, { startOver: true }])("of another run begins anew: %j", (options) => {
    const { open, lines } = setUp();
    const first = open();
    confirm(first, 500, 58);
    first.save(false);
    const second = open(options);
    expect(second.run).not.toBe(first.run);
    expect(second.start).toEqual({ rows: 0, position: 0, shift: 0 });
    // A new run abandons the old one on purpose.
    expect(lines.filter((line) => line.includes(`Run ${first.run} does not go on after row 500: `))).toHaveLength(
      "signature" in options ? 1 : 0,
    );
  });

  test("that cannot be read begins anew, and says so", () => {
    const { open, lines, path } = setUp();
    open().save(true);
    writeFileSync(path, "{");
    expect(open().start).toEqual({ rows: 0, position: 0, shift: 0 });
    expect(lines.some((line) => line.includes(`The checkpoint ${path} cannot be read. A new run begins.`))).toBe(true);
  });

  test("is written when it begins, so that a run that is killed at once goes on", () => {
    const { open } = setUp();
    const first = open();
    expect(open().run).toBe(first.run);
  });

  test("is written only when there is something new", () => {
    const { open, path } = setUp();
    const record = open();
    confirm(record, 1, 1);
    record.save(false);
    rmSync(path);
    record.save(false);
    expect(() => readFileSync(path)).toThrow("ENOENT");
    confirm(record, 2, 2);
    record.save(false);
    expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject({ run: record.run, rows: 2, position: 2, finished: false });
  });

  test("survives a disk that fails, says so once, and is written when it is mended", () => {
    const { open, lines, path } = setUp();
    const folder = dirname(path);
    writeFileSync(folder, "a file in the place of the folder");
    const record = open();
    for (const rows of [1, 2, 3]) {
      confirm(record, rows, rows);
      record.save(false);
    }
    const complaints = lines.filter((line) => line.includes(`The checkpoint ${path} cannot be written (EEXIST: `));
    expect(complaints.map((line) => line.split("\n").length)).toEqual([1]);
    rmSync(folder);
    record.save(false);
    expect(open().start).toEqual({ rows: 3, position: 3, shift: 0 });
    expect(lines.filter((line) => line.includes("The checkpoint can be written again."))).toHaveLength(1);
  });

  test("is kept nowhere without a path", () => {
    const { log } = captureLog();
    const open = () => new RunRecord({ path: undefined, signature: "s", startOver: false, log });
    const first = open();
    confirm(first, 500, 58);
    first.save(false);
    expect(open().run).not.toBe(first.run);
  });
});
