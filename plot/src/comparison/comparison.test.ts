import { describe, expect, test } from "vitest";
import { Comparison, decilesOf } from "./comparison.js";
import { drawComparison } from "./comparison-picture.js";
import { coloursIn } from "../fixtures/colours-in.js";
import { comparisonText } from "./comparison-text.js";
import { PairJoin, type LaneSide } from "./pair-join.js";

describe("a comparison", () => {
  test("counts errors, and rows won, lost and tied", () => {
    const comparison = new Comparison();
    comparison.add({ yTrue: 1, champion: 3, challenger: 1 });
    comparison.add({ yTrue: 2, champion: 1, challenger: 2 });
    comparison.add({ yTrue: 3, champion: 2, challenger: 2 });
    expect(comparison.summary()).toMatchObject({
      rows: 3,
      championMae: 2,
      challengerMae: 5 / 3,
      won: 1,
      lost: 1,
      tied: 1,
      difference: undefined,
      verdict: "open",
    });
  });

  test("says who is better once it is sure", () => {
    const better = new Comparison();
    const worse = new Comparison();
    const alike = new Comparison();
    for (let i = 0; i < 1_000; i += 1) {
      const noise = i % 2 === 0 ? 1 : -1;
      better.add({ yTrue: i, champion: 5 + noise, challenger: 4 });
      worse.add({ yTrue: i, champion: 4, challenger: 5 + noise });
      alike.add({ yTrue: i, champion: 5 + noise, challenger: 5 });
    }
    expect([better, worse, alike].map((one) => one.summary().verdict)).toEqual(["challenger", "champion", "open"]);
    expect(better.summary().difference?.mean).toBeCloseTo(1, 12);
    const { history } = better.summary();
    expect(history[0]?.rows).toBe(100);
    expect(history.at(-1)?.rows).toBe(1_000);
    expect(history.length).toBeLessThan(100);
  });

  test("of nothing says nothing", () => {
    const lanes = { ...new Comparison().summary(), missed: 0, champion: "champion", challenger: "next", unit: "", time: new Date(0) };
    expect(comparisonText(lanes)).toMatch(/^Neither champion nor next is shown to be better\.\n\nrows of both {4}0\n/);
  });
});

describe("two lanes that have the same errors", () => {
  const equal = (rows: number) => {
    const comparison = new Comparison();
    for (let row = 0; row < rows; row += 1) comparison.add({ yTrue: row, champion: row, challenger: row });
    return { ...comparison.summary(), missed: 0, champion: "champion", challenger: "next", unit: "", time: new Date(0) };
  };

  test.each([
    [1, "the one row"],
    [50, "each of the 50 rows"],
    [2_000, "each of the 2,000 rows"],
  ])("on %i rows are said to have no difference", (rows, which) => {
    const text = comparisonText(equal(rows));
    expect(text).toMatch(/^No difference between champion and next\.\n/);
    expect(text).toContain(`difference      None: both have the same error on ${which} of both.\n`);
  });

  test("are drawn with words in place of a flat line", async () => {
    const LINE_BAND = "197,226,243";
    const png = await drawComparison(equal(2_000));
    expect((await coloursIn(png, { left: 0.1, top: 0.2, right: 0.95, bottom: 0.55 })).get(LINE_BAND) ?? 0).toBe(0);
  });
});

test("errors beyond the largest double leave the difference unknown, and all rows are counted", async () => {
  const comparison = new Comparison();
  for (let row = 0; row < 200; row += 1)
    comparison.add({ yTrue: row, champion: row === 0 ? Infinity : 1, challenger: row === 1 ? 1.7e308 : row === 0 ? Infinity : 2 });
  const lanes = { ...comparison.summary(), missed: 0, champion: "champion", challenger: "next", unit: "", time: new Date(0) };
  expect(lanes).toMatchObject({ rows: 200, won: 0, lost: 199, tied: 1, difference: undefined, verdict: "open", history: [] });
  expect(comparisonText(lanes)).toContain("MAE             champion beyond 1.8e308, next beyond 1.8e308\n");
  expect(comparisonText(lanes)).toContain(
    "difference      It cannot be computed: errors, or their squares, are beyond 1.8e308, the largest number.\n",
  );
  expect((await drawComparison(lanes)).subarray(1, 4).toString()).toBe("PNG");
});

test("deciles are ten parts of the rows by their true values", () => {
  const pairs = Array.from({ length: 100 }, (_, i) => ({ yTrue: 99 - i, champion: i, challenger: i < 50 ? i + 1 : i - 1 }));
  const deciles = decilesOf(pairs);
  expect(deciles).toHaveLength(10);
  expect(deciles[0]).toEqual({ from: 0, to: 9, rows: 10, championMae: 94.5, challengerMae: 93.5, won: 10 });
  expect(deciles[9]).toEqual({ from: 90, to: 99, rows: 10, championMae: 4.5, challengerMae: 5.5, won: 0 });
});

describe("rows of two logs", () => {
  function joined(rows: readonly (readonly [LaneSide, string, number])[]) {
    const pairs: [number, number][] = [];
    const join = new PairJoin(({ champion, challenger }) => void pairs.push([champion, challenger]));
    for (const [side, id, absoluteError] of rows) join.add(side, { id, yTrue: 0, absoluteError });
    return { pairs, missed: join.missed };
  }

  test("are joined by their ids, in whatever order they come", () => {
    expect(
      joined([
        ["champion", "a", 1],
        ["champion", "b", 2],
        ["challenger", "b", 20],
        ["challenger", "a", 10],
        ["challenger", "c", 30],
        ["champion", "c", 3],
      ]).pairs,
    ).toEqual([
      [2, 20],
      [1, 10],
      [3, 30],
    ]);
  });

  test("that only the champion has are missed, from the first on that both have", () => {
    expect(
      joined([
        ["champion", "before", 1],
        ["champion", "a", 1],
        ["champion", "missed", 1],
        ["champion", "b", 1],
        ["champion", "to come", 1],
        ["challenger", "a", 1],
        ["challenger", "b", 1],
      ]).missed,
    ).toBe(2);
  });
});

test("rows of one true value are in one decile", () => {
  const pairs = Array.from({ length: 100 }, (_, i) => ({ yTrue: i < 80 ? 1 : 2, champion: 1, challenger: 2 }));
  expect(decilesOf(pairs).map(({ from, to, rows }) => [from, to, rows])).toEqual([
    [1, 1, 80],
    [2, 2, 20],
  ]);
});
