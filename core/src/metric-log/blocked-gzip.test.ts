import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { gunzipSync, gzipSync } from "node:zlib";
import { freshFolder } from "@streamgauge/testing/vitest";
import fc from "fast-check";
import { expect, test } from "vitest";
import { BLOCK_BYTES, BlockedGzip, blockOf, LAST_BLOCK } from "./blocked-gzip.js";

const folder = freshFolder();

/** Writes a content in blocks of this size. */
async function written(content: Buffer, blockBytes = BLOCK_BYTES): Promise<string> {
  const path = folder.at("log.csv.gz");
  const blocks: Buffer[] = [];
  for (let at = 0; at < content.length; at += blockBytes) blocks.push(await blockOf(content.subarray(at, at + blockBytes)));
  writeFileSync(path, Buffer.concat([...blocks, LAST_BLOCK]));
  return path;
}

test("every gzip reads it as one file", async () => {
  const content = Buffer.from("id,y_true\n".repeat(20_000));
  const path = await written(content);
  expect(gunzipSync(readFileSync(path)).equals(content)).toBe(true);
});

test("a block says how long it is, as bgzip has it", async () => {
  const block = await blockOf(Buffer.from("a"));
  // 1f8b, deflate, an extra field; no time; of 6 bytes: BC, of 2 bytes: the length less 1.
  expect(block.subarray(0, 16).toString("hex")).toBe("1f8b08040000000000ff060042430200");
  expect(block.readUInt16LE(16)).toBe(block.length - 1);
  expect(gunzipSync(block).toString()).toBe("a");
});

test("a block of any content fits", async () => {
  const noise = Buffer.alloc(BLOCK_BYTES);
  for (let i = 0, state = 1; i < noise.length; i += 1) noise[i] = (state = (state * 48_271) % 2_147_483_647) & 0xff;
  const block = await blockOf(noise);
  expect(block.length).toBeLessThanOrEqual(65_536);
  expect(gunzipSync(block).equals(noise)).toBe(true);
});

test("it is read at any offset, over blocks, up to its end", async () => {
  const content = Buffer.from("0123456789".repeat(10));
  const file = BlockedGzip.open(await written(content, 7));
  expect(file.length).toBe(100);
  expect(file.read(0, 3).toString()).toBe("012");
  expect(file.read(5, 10).toString()).toBe("5678901234");
  expect(file.read(95, 100).toString()).toBe("56789");
  expect(file.read(100, 5).toString()).toBe("");
  expect(BlockedGzip.open(await written(Buffer.alloc(0))).length).toBe(0);
});

test("what is read is what was written, wherever", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ minLength: 1, maxLength: 500 }),
      fc.integer({ min: 1, max: 60 }),
      fc.nat(500),
      fc.nat(500),
      async (bytes, size, offset, length) => {
        const content = Buffer.from(bytes);
        const read = BlockedGzip.open(await written(content, size)).read(offset, length);
        expect(read.equals(content.subarray(offset, offset + length))).toBe(true);
      },
    ),
    { numRuns: 50 },
  );
});

test("a file that is cut, or packed otherwise, is not read", async () => {
  const whole = await written(Buffer.from("abc".repeat(100)), 50);
  const { length } = readFileSync(whole);
  truncateSync(whole, length - LAST_BLOCK.length);
  expect(() => BlockedGzip.open(whole)).toThrow(
    /log\.csv\.gz has lost its end: restore it from a backup, unpack it with gunzip \(metrics compresses it again\), or move it away/,
  );
  truncateSync(whole, length - LAST_BLOCK.length - 3);
  expect(() => BlockedGzip.open(whole)).toThrow(/log\.csv\.gz ends within a block/);
  writeFileSync(folder.at("plain.gz"), gzipSync("id\n"));
  expect(() => BlockedGzip.open(folder.at("plain.gz"))).toThrow(/plain\.gz is not gzip in blocks \(at byte 0\)/);
});

test("a damaged block is not read, those beside it are", async () => {
  const path = await written(Buffer.from("0123456789".repeat(10)), 50);
  const bytes = readFileSync(path);
  const second = bytes.readUInt16LE(16) + 1;
  bytes[second + 20] = 0xff ^ (bytes[second + 20] ?? 0);
  writeFileSync(path, bytes);
  const file = BlockedGzip.open(path);
  expect(file.read(0, 10).toString()).toBe("0123456789");
  expect(() => file.read(50, 10)).toThrow(`log.csv.gz is damaged at byte ${second}`);
});
