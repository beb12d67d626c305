import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { inForceOf, MOST_REMEMBERED, settleCorrection, type CorrectionHistory, type TimedLabel } from "./correction-history.js";

/** Settles corrections of a label 1, given as [at, value], one after another. */
function settleAll(...labels: readonly (readonly [at: number, value: number])[]) {
  let history: CorrectionHistory = [];
  const verdicts = labels.map(([at, value]) => {
    const settled = settleCorrection(history, 1, { at, value });
    history = settled.history;
    return settled.verdict;
  });
  return { verdicts, inForce: inForceOf(history, 1) };
}

describe("a correction", () => {
  test.each([
    ["the first one is applied", [[10, 5]], ["applied"], 5],
    [
      "the same once more is a duplicate",
      [
        [10, 5],
        [10, 5],
      ],
      ["applied", "duplicate"],
      5,
    ],
    [
      "a later one is applied",
      [
        [10, 5],
        [20, 6],
      ],
      ["applied", "applied"],
      6,
    ],
    [
      "an earlier one is refused",
      [
        [20, 6],
        [10, 5],
      ],
      ["applied", "conflict"],
      6,
    ],
    [
      "a refused one that comes again is a duplicate",
      [
        [20, 6],
        [10, 5],
        [10, 5],
      ],
      ["applied", "conflict", "duplicate"],
      6,
    ],
    [
      "the second of one moment is applied",
      [
        [10, 5],
        [10, 6],
      ],
      ["applied", "applied"],
      6,
    ],
    [
      "both of one moment that come again are duplicates",
      [
        [10, 5],
        [10, 6],
        [10, 5],
        [10, 6],
      ],
      ["applied", "applied", "duplicate", "duplicate"],
      6,
    ],
    ["one to the label of the log is a duplicate", [[10, 1]], ["duplicate"], 1],
    [
      "one back to the label of the log is applied",
      [
        [10, 5],
        [20, 1],
      ],
      ["applied", "applied"],
      1,
    ],
    [
      "one that changes nothing is later than one before it",
      [
        [10, 5],
        [30, 5],
        [20, 6],
      ],
      ["applied", "duplicate", "conflict"],
      5,
    ],
  ] as const)("%s", (_, labels, verdicts, inForce) => {
    expect(settleAll(...labels)).toEqual({ verdicts, inForce });
  });
});

test("the one that was made last is in force, whatever the order and however often they come", () => {
  const label: fc.Arbitrary<TimedLabel> = fc.record({ at: fc.integer({ min: 0, max: 1_000 }), value: fc.integer({ min: 0, max: 5 }) });
  fc.assert(
    fc.property(
      fc.uniqueArray(label, { minLength: 1, maxLength: 20, selector: ({ at }) => at }),
      fc.infiniteStream(fc.nat()),
      (made, chance) => {
        const arrivals = [...made, ...made, ...made].map((each) => [chance.next().value ?? 0, each] as const).toSorted(([a], [b]) => a - b);
        const last = made.reduce((latest, each) => (each.at > latest.at ? each : latest));
        expect(settleAll(...arrivals.map(([, { at, value }]) => [at, value] as const)).inForce).toBe(last.value);
      },
    ),
  );
});

test("of more than 64 the oldest is forgotten, and refused when it comes again", () => {
  const made = Array.from({ length: MOST_REMEMBERED + 1 }, (_, i) => [i, i + 2] as const);
  const { verdicts, inForce } = settleAll(...made, [1, 3], [0, 2]);
  expect([verdicts.at(-2), verdicts.at(-1), inForce]).toEqual(["duplicate", "conflict", 66]);
});
