import { seededNumbers } from "@streamgauge/core";
import { describe, expect, test } from "vitest";
import { autocorrelatedLosses, exponentialLosses, lognormalLosses, type Losses } from "../testing/loss-streams.js";
import { WatchedModel } from "../testing/watched-model.js";
import { DETECTOR_DOUBLES, EDetector, type WatchedUnits } from "./e-detector.js";

const N = 100_000;
const PIECE = 1_024;
const column = new Float64Array(PIECE);
const NO_UNITS: WatchedUnits = { rows: column, times: column, counts: column, sums: column, squares: column };

/** Watches losses against the mean m. @returns the number of rows up to each alarm. */
function* runLengths(losses: Losses, m = 1): Generator<number, never> {
  const gains = new Float64Array(PIECE);
  let detector = new EDetector(new Float64Array(DETECTOR_DOUBLES));
  let rows = 0;
  for (;;) {
    for (let i = 0; i < PIECE; i += 1) gains[i] = losses() / m - 1;
    for (let from = 0; from < PIECE;) {
      const raised = detector.watch(gains.subarray(from), PIECE - from, N, NO_UNITS);
      if (raised < 0) {
        rows += PIECE - from;
        break;
      }
      yield rows + raised + 1;
      detector = new EDetector(new Float64Array(DETECTOR_DOUBLES));
      rows = 0;
      from += raised + 1;
    }
    if (rows > 50 * N) yield rows;
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** How many rows a change takes to be noticed if it begins behind so many quiet rows. */
function delay(losses: Losses, change: number, quiet: number): number {
  let rows = 0;
  const changing = () => losses() * ((rows += 1) > quiet ? 1 + change : 1);
  let total = 0;
  for (const length of runLengths(changing)) {
    total += length;
    if (total > quiet) return total - quiet;
  }
  throw new Error("There is always another alarm.");
}

describe("a mean that is exactly the baseline: the hardest case", () => {
  const MILLIONS = 10;

  test.each([
    ["log-normal", lognormalLosses(11)],
    ["exponential", exponentialLosses(12)],
    ["constant", () => 1],
  ])(`%s losses: one alarm in 100,000 rows, over ${MILLIONS} million`, { timeout: 120_000 }, (_, losses) => {
    let [rows, alarms] = [0, 0];
    for (const length of runLengths(losses)) {
      rows += length;
      if (rows > MILLIONS * 1e6) break;
      alarms += 1;
    }
    // The number of alarms varies about its mean with a standard deviation of 10.
    expect(alarms).toBeLessThanOrEqual((MILLIONS * 1e6) / N + 2 * 10);
  });
});

describe("four partitions, each with its own alarm, on the rows of a lane", () => {
  /** Rows of the lane up to each alarm of a partition, in the order of the lane. */
  function alarmsOf(losses: Losses, rows: number): number {
    const ofPartition = Array.from({ length: 4 }, () => new EDetector(new Float64Array(DETECTOR_DOUBLES)));
    const partitionOf = seededNumbers(9);
    const gain = new Float64Array(1);
    let alarms = 0;
    for (let row = 0; row < rows; row += 1) {
      const partition = Math.floor(partitionOf() * 4);
      gain[0] = losses() - 1;
      if ((ofPartition[partition]?.watch(gain, 1, N, NO_UNITS) ?? -1) < 0) continue;
      alarms += 1;
      ofPartition[partition] = new EDetector(new Float64Array(DETECTOR_DOUBLES));
    }
    return alarms;
  }

  test("raise at most one false alarm in 100,000 rows of the lane, over 5 million", { timeout: 120_000 }, () => {
    // 50, and twice the standard deviation of their number.
    expect(alarmsOf(lognormalLosses(31), 5_000_000)).toBeLessThanOrEqual(50 + 2 * 7);
  });
});

describe("a model whose errors do not change, with the reference of its first 1,000 rows", () => {
  test.each([
    ["log-normal", lognormalLosses(21), 3_000_000],
    ["exponential", exponentialLosses(22), 3_000_000],
    ["constant", () => 3, 1_000_000],
    ["autocorrelated (0.5)", autocorrelatedLosses(23, 0.5), 2_000_000],
    ["autocorrelated (0.9)", autocorrelatedLosses(24, 0.9), 2_000_000],
    ["autocorrelated (0.99)", autocorrelatedLosses(25, 0.99), 2_000_000],
  ])("%s losses: at most one alarm in 100,000 rows", { timeout: 120_000 }, (_, losses, rows) => {
    const model = new WatchedModel();
    model.addFrom(losses, rows);
    expect(model.raised.length).toBeLessThanOrEqual(rows / N);
  });
});

// The median delays that the method is known for, of log-normal losses with the baseline at their mean. They lie between those from the
// first row on and those behind a long quiet stretch, in which R has grown: a small change gains from it, a large one hardly needs it.
describe("a change is noticed within 10 % of the known delays", () => {
  test.each([
    ["+20 % from the first row on", 0.2, 0, 686],
    ["double from the first row on", 1, 0, 74],
    ["+10 % behind 10,000 quiet rows", 0.1, 10_000, 1_758],
    ["+2 % behind 10,000 quiet rows", 0.02, 10_000, 15_674],
  ])("%s", { timeout: 120_000 }, (_, change, quiet, known) => {
    const times = quiet === 0 ? 1_000 : 300;
    const delays = Array.from({ length: times }, (__, seed) => delay(lognormalLosses(1_000 + seed), change, quiet));
    expect(median(delays)).toBeGreaterThan(0.9 * known);
    expect(median(delays)).toBeLessThan(1.1 * known);
  });
});
