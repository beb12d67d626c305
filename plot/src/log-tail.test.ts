import { appendFile, mkdtemp, rename, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { LogTail, LogUnreadableError, READ_ERRORS } from "./log-tail.js";
import type { ParsedLog } from "./parse-log.js";

const HEADER = "id,y_true,y_pred,absolute_error\n";

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "log-tail-"));
  path = join(folder, "metric_log.csv");
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** What one reading finds, with plain numbers. */
async function read(tail: LogTail<ParsedLog>): Promise<{ startedOver: boolean; errors: number[]; malformed: number } | undefined> {
  const batch = await tail.next();
  return batch && { startedOver: batch.startedOver, errors: [...batch.absoluteErrors], malformed: batch.malformed };
}

function rows(...errors: number[]): string {
  return errors.map((error, index) => `row-${index},0,${error},${error}\n`).join("");
}

describe("a log that grows", () => {
  test("is read from where the last reading stopped", async () => {
    const tail = new LogTail(path, READ_ERRORS);
    await writeFile(path, HEADER + rows(1, 2));
    expect(await read(tail)).toEqual({ startedOver: false, errors: [1, 2], malformed: 0 });
    expect(await read(tail)).toBeUndefined();
    await appendFile(path, rows(3));
    expect(await read(tail)).toEqual({ startedOver: false, errors: [3], malformed: 0 });
  });

  test("may come to be after its reader", async () => {
    const tail = new LogTail(path, READ_ERRORS);
    expect(await read(tail)).toBeUndefined();
    await writeFile(path, HEADER + rows(1));
    expect(await read(tail)).toEqual({ startedOver: false, errors: [1], malformed: 0 });
  });

  test("has its last line left for later until it is complete", async () => {
    const tail = new LogTail(path, READ_ERRORS);
    await writeFile(path, `${HEADER}a,0,1,1\nb,0,2`);
    expect(await read(tail)).toEqual({ startedOver: false, errors: [1], malformed: 0 });
    expect(await read(tail)).toBeUndefined();
    await appendFile(path, ".5,2.5\n");
    expect(await read(tail)).toEqual({ startedOver: false, errors: [2.5], malformed: 0 });
  });

  test("may end within its header", async () => {
    const tail = new LogTail(path, READ_ERRORS);
    await writeFile(path, "id,y_tr");
    expect(await read(tail)).toBeUndefined();
    await appendFile(path, `ue,y_pred,absolute_error\n${rows(1)}`);
    expect(await read(tail)).toEqual({ startedOver: false, errors: [1], malformed: 0 });
  });

  test("may end within a quoted id, also after a newline", async () => {
    const tail = new LogTail(path, READ_ERRORS);
    await writeFile(path, `${HEADER}"a\n`);
    expect(await read(tail)).toEqual({ startedOver: false, errors: [], malformed: 0 });
    await appendFile(path, 'b, ""c""",0,4,4\n');
    expect(await read(tail)).toEqual({ startedOver: false, errors: [4], malformed: 0 });
  });

  test("is read in chunks, no row lost between two", async () => {
    const errors = Array.from({ length: 3_000 }, (_, index) => index);
    await writeFile(path, HEADER + rows(...errors));
    const tail = new LogTail(path, READ_ERRORS, { chunkBytes: 10_000 });
    const seen: number[] = [];
    let batches = 0;
    for (let batch = await tail.next(); batch !== undefined; batch = await tail.next()) {
      seen.push(...batch.absoluteErrors);
      batches += 1;
      expect(batch.reachedEnd).toBe(seen.length === 3_000);
    }
    expect(seen).toEqual(errors);
    expect(batches).toBe(6);
  });
});

describe("a log with lines that are no rows", () => {
  test("has them counted and skipped", async () => {
    await writeFile(path, `${HEADER}a,0,1\n${rows(1)}b,0,1,none\n`);
    expect(await read(new LogTail(path, READ_ERRORS))).toEqual({ startedOver: false, errors: [1], malformed: 2 });
  });

  test("has its first line counted when it is another header", async () => {
    await writeFile(path, `id,error\n${rows(1)}`);
    expect(await read(new LogTail(path, READ_ERRORS))).toEqual({ startedOver: false, errors: [1], malformed: 1 });
  });

  test("is read on after bytes without a newline", async () => {
    const tail = new LogTail(path, READ_ERRORS);
    await writeFile(path, Buffer.alloc(5_000));
    expect(await read(tail)).toEqual({ startedOver: false, errors: [], malformed: 1 });
    await appendFile(path, `\n${rows(1)}`);
    expect(await read(tail)).toEqual({ startedOver: false, errors: [1], malformed: 1 });
  });
});

describe("a log is read again from its start", () => {
  let tail: LogTail<ParsedLog>;

  beforeEach(async () => {
    tail = new LogTail(path, READ_ERRORS);
    await writeFile(path, HEADER + rows(1, 2, 3));
    await read(tail);
  });

  test("when another file took its place", async () => {
    const other = join(folder, "other.csv");
    await writeFile(other, HEADER + rows(1, 2, 3, 4));
    await rename(other, path);
    expect(await read(tail)).toEqual({ startedOver: true, errors: [1, 2, 3, 4], malformed: 0 });
  });

  test("when it was cut", async () => {
    await truncate(path, (HEADER + rows(1)).length);
    expect(await read(tail)).toEqual({ startedOver: true, errors: [1], malformed: 0 });
  });

  test("when it was cut and has grown again since", async () => {
    await writeFile(path, HEADER + rows(7, 8, 9, 10));
    expect(await read(tail)).toEqual({ startedOver: true, errors: [7, 8, 9, 10], malformed: 0 });
  });

  test("when it was emptied", async () => {
    await truncate(path, 0);
    expect(await read(tail)).toEqual({ startedOver: true, errors: [], malformed: 0 });
    expect(await read(tail)).toBeUndefined();
  });

  test("when it was deleted, and once more when it is back", async () => {
    await rm(path);
    expect(await read(tail)).toEqual({ startedOver: true, errors: [], malformed: 0 });
    expect(await read(tail)).toBeUndefined();
    await writeFile(path, HEADER + rows(5));
    expect(await read(tail)).toEqual({ startedOver: false, errors: [5], malformed: 0 });
  });
});

test("a log that cannot be read is an error that names it", async () => {
  await expect(new LogTail(folder, READ_ERRORS).next()).rejects.toThrow(LogUnreadableError);
  await expect(new LogTail(folder, READ_ERRORS).next()).rejects.toMatchObject({ path: folder, cause: { code: "EISDIR" } });
});
