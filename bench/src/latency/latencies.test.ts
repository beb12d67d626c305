import { expect, test } from "vitest";
import type { Readable } from "@streamgauge/core/metric-log";
import { latenciesOf, latencyPercentiles } from "./latencies.js";

const HEADER = "id,y_true,y_pred,absolute_error\n";
/** A log that is in memory. */
function logOf(text: string): Readable {
  const bytes = Buffer.from(text);
  return { length: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) };
}
const LINE = "latency-0,1,2,1\n";

test("a row counts when the commit is seen that its line is in, whole", () => {
  const log = logOf(`${HEADER}latency-0,1,2,1\nlatency-2,1,2,1\nlatency-1,1,2,1\n`);
  const commits = [
    { at: 10, length: HEADER.length + LINE.length },
    { at: 20, length: HEADER.length + 2 * LINE.length },
    { at: 35, length: HEADER.length + 3 * LINE.length },
  ];
  expect([...latenciesOf(log, commits, Float64Array.of(1, 2, 3))]).toEqual([9, 33, 17]);
});

test("rows of one commit are done at the same time", () => {
  const log = logOf(`${HEADER}latency-0,1,2,1\nlatency-1,1,2,1\n`);
  expect([...latenciesOf(log, [{ at: 10, length: log.length }], Float64Array.of(4, 5))]).toEqual([6, 5]);
});

test("a row that is not in the log, or not committed, has no latency", () => {
  const log = logOf(`${HEADER}latency-0,1,2,1\nlatency-1,1,2,1\nlatency-2,1`);
  expect([...latenciesOf(log, [{ at: 10, length: HEADER.length + LINE.length }], Float64Array.of(1, 2, 3))]).toEqual([
    9,
    Number.NaN,
    Number.NaN,
  ]);
});

test("the percentiles of 1 … 1000 ms", () => {
  const took = Float64Array.from({ length: 1_000 }, (_, i) => 1_000 - i);
  expect(latencyPercentiles(took)).toEqual({ p50: 500, p99: 990, p999: 999 });
});
