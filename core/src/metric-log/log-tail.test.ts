import { appendFile, rename, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "@streamgauge/testing/vitest";
import { beforeEach, describe, expect, test } from "vitest";
import { LogTail, LogUnreadableError } from "./log-tail.js";

const HEADER = "id,y_true,y_pred,absolute_error\n";

let folder: string;
let path: string;

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, "metric_log.csv");
});

/** What one reading finds, with plain numbers. */
async function read(tail: LogTail): Promise<{ startedOver: boolean; errors: number[]; malformed: number } | undefined> {
  const batch = await tail.next();
  return batch && { startedOver: batch.startedOver, errors: [...batch.absoluteErrors], malformed: batch.malformed.length };
}

function rows(...errors: number[]): string {
  return errors.map((error, index) => `row-${index},0,${error},${error}\n`).join("");
}

describe("a log that grows", () => {
  test("is read from where the last reading stopped", async () => {
    const tail = new LogTail(path);
    await writeFile(path, HEADER + rows(1, 2));
    expect(await read(tail)).toEqual({ startedOver: false, errors: [1, 2], malformed: 0 });
    expect(await read(tail)).toBeUndefined();
    await appendFile(path, rows(3));
    expect(await read(tail)).toEqual({ startedOver: false, errors: [3], malformed: 0 });
  });

  test("may come to be after its reader", async () => {
    const tail = new LogTail(path);
    expect(await read(tail)).toBeUndefined();
    await writeFile(path, HEADER + rows(1));
    expect(await read(tail)).toEqual({ startedOver: false, errors: [1], malformed: 0 });
  });

  test("has its last line left for later until it is complete", async () => {
    const tail = new LogTail(path);
    await writeFile(path, `${HEADER}a,0,1,1\nb,0,2`);
    expect(await read(tail)).toEqual({ startedOver: false, errors: [1], malformed: 0 });
    expect(await read(tail)).toBeUndefined();
    await appendFile(path, ".5,2.5\n");
    expect(await read(tail)).toEqual({ startedOver: false, errors: [2.5], malformed: 0 });
  });

  test("may end within its header", async () => {
    const tail = new LogTail(path);
    await writeFile(path, "id,y_tr");
    expect(await read(tail)).toBeUndefined();
    await appendFile(path, `ue,y_pred,absolute_error\n${rows(1)}`);
    expect(await read(tail)).toEqual({ startedOver: false, errors: [1], malformed: 0 });
  });

  test("may end within a quoted id, also after a newline", async () => {
    const tail = new LogTail(path);
    await writeFile(path, `${HEADER}"a\n`);
    expect(await read(tail)).toEqual({ startedOver: false, errors: [], malformed: 0 });
    await appendFile(path, 'b, ""c""",0,4,4\n');
    expect(await read(tail)).toEqual({ startedOver: false, errors: [4], malformed: 0 });
  });

  test("is read in chunks, no row lost between two", async () => {
    const errors = Array.from({ length: 3_000 }, (_, index) => index);
    await writeFile(path, HEADER + rows(...errors));
    const tail = new LogTail(path, { chunkBytes: 10_000 });
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

describe("a log with malformed lines", () => {
  test("has them counted and skipped", async () => {
    await writeFile(path, `${HEADER}a,0,1\n${rows(1)}b,0,1,none\n`);
    expect(await read(new LogTail(path))).toEqual({ startedOver: false, errors: [1], malformed: 2 });
  });

  test("has its first line counted when it is another header", async () => {
    await writeFile(path, `id,error\n${rows(1)}`);
    expect(await read(new LogTail(path))).toEqual({ startedOver: false, errors: [1], malformed: 1 });
  });

  test("is read on after bytes without a newline", async () => {
    const tail = new LogTail(path);
    await writeFile(path, Buffer.alloc(5_000));
    expect(await read(tail)).toEqual({ startedOver: false, errors: [], malformed: 1 });
    await appendFile(path, Buffer.alloc(5_000));
    expect(await read(tail)).toEqual({ startedOver: false, errors: [], malformed: 0 });
    await appendFile(path, `\n${rows(1)}`);
    expect(await read(tail)).toEqual({ startedOver: false, errors: [1], malformed: 0 });
  });
});

describe("a log is read again from its start", () => {
  let tail: LogTail;

  beforeEach(async () => {
    tail = new LogTail(path);
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

describe("an error is read as it is written", () => {
  test.each([
    { what: "rounded", text: "0,151,206.1,55.1\nb,75,68.07,6.93\n", errors: [55.1, 6.93], malformed: 0 },
    { what: "in every form of a double", text: "a,1,1,0\nb,1,1,1e-7\nc,1,1,1.5e+21\n", errors: [0, 1e-7, 1.5e21], malformed: 0 },
    { what: "beside quoted ids", text: '"a, b",1,2,1\n"say ""c""",1,3,2\n"d\ne",1,4,3\nf,1,5,4\n', errors: [1, 2, 3, 4], malformed: 0 },
    { what: "beside a carriage return within an id", text: '"a\rb",1,2,1\nc,1,3,2\n', errors: [1, 2], malformed: 0 },
    { what: "beside ids beyond ASCII", text: 'é,1,2,1\n"日本, 語",1,3,2\n', errors: [1, 2], malformed: 0 },
    { what: "unless columns are missing or too many", text: "a,1,2\nb,1,2,1,9\n\nc,1,2,1\n", errors: [1], malformed: 3 },
    {
      what: "unless it is no number, no finite one or a negative one",
      text: "a,1,2,\nb,1,2,x\nc,1,2,NaN\nd,1,2,Infinity\ne,1,2,1e999\nf,1,2,-1\ng,1,2, 1\nh,1,2,0x1\n",
      errors: [],
      malformed: 8,
    },
    {
      what: "infinite if the values are further apart than the largest double",
      text: "a,1,2,1\nb,1.7e+308,-1.7e+308,Infinity\nc,Infinity,1,Infinity\n",
      errors: [1, Infinity],
      malformed: 1,
    },
    { what: "beside a quote within a plain id", text: 'a,1,2,1\n5" pipe,1,2,1\n"b, c",1,3,2\n', errors: [1, 2], malformed: 1 },
    { what: "beside a quote that is closed in the wrong place", text: '"a"b,1,2,1\nc,1,3,2\n"d",1,4,3\n', errors: [2, 3], malformed: 1 },
  ])("$what", async ({ text, errors, malformed }) => {
    await writeFile(path, HEADER + text);
    expect(await read(new LogTail(path))).toEqual({ startedOver: false, errors, malformed });
  });
});

test("a batch has its lines in columns", async () => {
  await writeFile(path, `${HEADER}a,1,2,1\n"b,""x""",2,2,0\nbad\nü,-1500,0,1500\nd,1.7e+308,-1.7e+308,Infinity\n`);
  const { ids, offsets, yTrue, yPred, absoluteErrors, malformed } = (await new LogTail(path).next()) ?? expect.fail("nothing was read");
  expect(ids.toArray()).toEqual(["a", 'b,"x"', "ü", "d"]);
  expect(offsets).toEqual(Float64Array.of(32, 40, 60, 76));
  expect(yTrue).toEqual(Float64Array.of(1, 2, -1500, 1.7e308));
  expect(yPred).toEqual(Float64Array.of(2, 2, 0, -1.7e308));
  expect(absoluteErrors).toEqual(Float64Array.of(1, 0, 1500, Infinity));
  expect(malformed).toEqual([56]);
});

test("a log that cannot be read is an error that names it", async () => {
  await expect(new LogTail(folder).next()).rejects.toThrow(LogUnreadableError);
  await expect(new LogTail(folder).next()).rejects.toMatchObject({ path: folder, cause: { code: "EISDIR" } });
});
