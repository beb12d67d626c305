import fc from "fast-check";
import { expect, test } from "vitest";
import { exponentialLosses, take } from "../testing/loss-streams.js";
import { BETS, DETECTOR_DOUBLES, EDetector, type WatchedUnits } from "./e-detector.js";

/** Units that are rows 1, 2, …, each with an error of 1. */
function units(n: number, from = 0): WatchedUnits {
  const counted = Float64Array.from({ length: n }, (_, i) => from + i);
  return { rows: counted.map((i) => i + 1), times: counted.map((i) => i * 1_000), counts: counted, sums: counted, squares: counted };
}

const detector = () => new EDetector(new Float64Array(DETECTOR_DOUBLES));

/** The definition: R of a bet is the sum, over every row j, of what 1 staked before row j has become. */
function evidenceByDefinition(gains: Float64Array): number {
  let sum = 0;
  for (const bet of BETS) {
    for (let j = 0; j < gains.length; j += 1) sum += gains.subarray(j).reduce((product, gain) => product * (1 + bet * gain), 1);
  }
  return sum / BETS.length;
}

/** The definition: the row from which on a bet would have won the most. */
function bestStartByDefinition(gains: Float64Array, bet: number): number {
  const products = Array.from(gains, (_, j) => gains.subarray(j).reduce((product, gain) => product * (1 + bet * gain), 1));
  return products.indexOf(Math.max(...products));
}

test("the mean R is that of the definition", () => {
  const gains = take(exponentialLosses(1), 300).map((loss) => loss - 1);
  const one = detector();
  expect(one.watch(gains, 300, Infinity, units(300))).toBe(-1);
  expect(one.evidence / evidenceByDefinition(gains)).toBeCloseTo(1, 10);
});

test("one row at a time, by hand", () => {
  const one = detector();
  // R = (0 + 1)(1 + λ) = 1 + λ; the mean of λ is 0.488 / 8 = 0.061.
  one.watch(Float64Array.of(1), 1, Infinity, units(1));
  expect(one.evidence).toBeCloseTo(1.061, 12);
  // R = (2 + λ)(1 − λ) = 2 − λ − λ²; the mean of λ² is 0.10303 / 8.
  one.watch(Float64Array.of(-1), 1, Infinity, units(1, 1));
  expect(one.evidence).toBeCloseTo(2 - 0.061 - 0.10303 / 8, 12);
});

test("the alarm is raised by the first row whose mean R reaches N", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000 }), (seed) => {
      const gains = take(exponentialLosses(seed), 120).map((loss) => 1.5 * loss - 1);
      const first = gains.findIndex((_, row) => evidenceByDefinition(gains.subarray(0, row + 1)) >= 200);
      expect(detector().watch(gains, 120, 200, units(120))).toBe(first);
    }),
    { numRuns: 20 },
  );
});

test("the change began where the bet that won the most would have been placed best", () => {
  const gains = take(exponentialLosses(3), 400).map((loss, row) => (row < 350 ? loss : 3 * loss) - 1);
  const one = detector();
  const raised = one.watch(gains, 400, 1_000, units(400));
  const seen = gains.subarray(0, raised + 1);
  const wins = BETS.map((bet) => seen.reduce((r, gain) => (r + 1) * (1 + bet * gain), 0));
  const tracked = [0.3, 0.1, 0.1, 0.02, 0.02, 0.005, 0.005, 0.005][wins.indexOf(Math.max(...wins))] ?? 0;
  const start = bestStartByDefinition(seen, tracked);
  expect(one.changePoint()).toEqual({ row: start + 1, time: start * 1_000, count: start, sum: start, squares: start });
});

test("nothing depends on how rows are cut into calls", () => {
  const gains = take(exponentialLosses(4), 1_000).map((loss) => loss / 1.1 - 1);
  const whole = detector();
  whole.watch(gains, 1_000, Infinity, units(1_000));
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 999 }), { maxLength: 8 }), (cuts) => {
      const cut = detector();
      let from = 0;
      for (const to of [...cuts.sort((a, b) => a - b), 1_000]) {
        cut.watch(gains.subarray(from, to), to - from, Infinity, units(to - from, from));
        from = to;
      }
      expect(Buffer.from(cut.state.buffer).equals(Buffer.from(whole.state.buffer))).toBe(true);
    }),
    { numRuns: 50 },
  );
});

test("an infinite gain is an alarm, at any N", () => {
  expect(detector().watch(Float64Array.of(0, Infinity, 0), 3, 1e15, units(3))).toBe(1);
});

test("the largest gain below infinity overflows into an alarm, not into NaN", () => {
  const one = detector();
  expect(one.watch(Float64Array.of(Number.MAX_VALUE, Number.MAX_VALUE), 2, 1e15, units(2))).toBe(0);
  expect(one.evidence).toBeGreaterThan(1e15);
});
