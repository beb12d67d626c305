import { LOG_HEADER, type Readable } from "@streamgauge/core/metric-log";
import { expect, test } from "vitest";
import { NumberedLines } from "./numbered-lines.js";

/** Some of the ids have a line break, or look like a line of their own. */
const IDS = ["a", '"b\nc"', '"d\n1,2,3,1\ne"', "f"];
const LINES = Array.from({ length: 20_000 }, (_, i) => `${IDS[i % IDS.length]},${i},0,${i}\n`);

/** A log that counts the bytes that are read of it. */
function logOf(lines: readonly string[]): Readable & { bytes: number } {
  const all = Buffer.from(LOG_HEADER + lines.join(""));
  const log = {
    bytes: 0,
    length: all.length,
    read: (offset: number, length: number) => {
      log.bytes += Math.min(length, all.length - offset);
      return all.subarray(offset, offset + length);
    },
  };
  return log;
}

function offsetOf(line: number): number {
  return Buffer.byteLength(LOG_HEADER + LINES.slice(0, line).join(""));
}

test("lines are found by their numbers, whatever their ids", () => {
  const log = logOf(LINES);
  const lines = new NumberedLines(log, () => ({ line: 0, offset: LOG_HEADER.length }));
  for (const line of [0, 1, 2, 3, 4, 7_001, 7_002, 19_999]) expect(lines.at(line)?.yTrue).toBe(line);
  expect(new NumberedLines(log, () => ({ line: 0, offset: LOG_HEADER.length })).at(2)).toEqual({ id: "d\n1,2,3,1\ne", yTrue: 2, yPred: 0 });
  expect(lines.at(20_000)).toBeUndefined();
  // Each byte was read once, and what a chunk had of its last line again.
  expect(log.bytes).toBeLessThan(1.1 * log.length + (1 << 16));
});

test("from a start that is near, what is before it is not read", () => {
  const log = logOf(LINES);
  const lines = new NumberedLines(log, (line) => ({ line: line - (line % 128), offset: offsetOf(line - (line % 128)) }));
  for (const line of [5, 15_000, 15_001, 19_990]) expect(lines.at(line)?.yTrue).toBe(line);
  expect(log.bytes).toBeLessThan(3 * (1 << 16) + 1);
});

test("lines of a part that is missing are passed over, wherever a start before them is", () => {
  const [from, to] = [offsetOf(100), offsetOf(9_000)];
  const log = { ...logOf(LINES), gaps: [{ path: "metric_log.000002-20260131.csv", from, to, lines: 8_900, linesBefore: 9_000 }] };
  const read = (offset: number, length: number) => log.read(offset, Math.min(length, offset < from ? from - offset : Infinity));
  for (const start of [0, 100, 500]) {
    const lines = new NumberedLines({ ...log, read }, () => ({ line: start, offset: offsetOf(start) }));
    const asked = [50, 99, 100, 5_000, 8_999, 9_000, 19_999].filter((line) => line >= start);
    expect(asked.map((line) => lines.at(line)?.yTrue)).toEqual(asked.map((line) => (line < 100 || line >= 9_000 ? line : undefined)));
  }
});
