import { expect, test } from "vitest";
import { asNumbers } from "../session/index.js";
import { ScoringError, type Predictions, type Scorer } from "../session/scorer.js";
import { rowsToScore } from "./fixtures/rows.js";
import { predictRows } from "./predict-rows.js";

/** Adds the two features of a row. @param model - that answers, by the number of the call. */
function adder(calls: number[], model: (call: number) => string = () => "m@1"): Scorer {
  const score = async (rows: number, columns: Parameters<Scorer["score"]>[1]): Promise<Predictions> => {
    const [a = [], b = []] = columns.map(asNumbers);
    expect([a.length, b.length]).toEqual([rows, rows]);
    calls.push(rows);
    return {
      yPred: Float64Array.from({ length: rows }, (_, row) => (a[row] ?? 0) + (b[row] ?? 0)),
      model: model(calls.length),
      unit: "kWh",
    };
  };
  return {
    label: "m@1",
    features: ["f0", "f1"],
    kinds: ["number", "number"],
    allowsMissing: false,
    concurrency: 1,
    score,
    close: async () => undefined,
  };
}

/** A message whose row i has the features `first + i` and `10 · (first + i)`. */
function message(prefix: string, first: number, rows: number) {
  const a = Float64Array.from({ length: rows }, (_, row) => first + row);
  return rowsToScore(prefix, [a, a.map((value) => 10 * value)]);
}

const seen: number[] = [];
const predict = (messages: Parameters<typeof predictRows>[0], scorer: Scorer, batchRows = 1_000) =>
  predictRows(messages, scorer, batchRows, (rows) => seen.push(rows));

test("messages are scored in one call, and each gets its own predictions", async () => {
  const calls: number[] = [];
  const messages = [message("x", 1, 2), message("none", 1, 0), message("z", 7, 3)];
  const predicted = await predict(messages, adder(calls));
  expect(calls).toEqual([5]);
  expect(predicted.map(({ of, ids, yPred, label }) => [of, ids.toArray(), [...yPred], label])).toEqual([
    [messages[0], ["x0", "x1"], [11, 22], { model: "m@1", unit: "kWh" }],
    [messages[1], [], [], { model: "m@1", unit: "kWh" }],
    [messages[2], ["z0", "z1", "z2"], [77, 88, 99], { model: "m@1", unit: "kWh" }],
  ]);
});

test("messages without rows need no call", async () => {
  const calls: number[] = [];
  const [only] = await predict([message("x", 1, 0)], adder(calls));
  expect([only?.yPred.length, calls]).toEqual([0, []]);
});

test("more rows than a call takes are scored in several, each of which is counted", async () => {
  const calls: number[] = [];
  seen.length = 0;
  const [only] = await predict([message("x", 1, 10)], adder(calls), 4);
  expect(calls).toEqual([4, 4, 2]);
  expect(seen).toEqual([4, 4, 2]);
  expect([...(only?.yPred ?? [])]).toEqual([11, 22, 33, 44, 55, 66, 77, 88, 99, 110]);
});

test("texts are put together as they are", async () => {
  const lengths: Scorer = {
    ...adder([]),
    kinds: ["text"],
    score: async (_, [texts = []]) => ({
      yPred: Float64Array.from(Array.from<number | string, number>(texts, (text) => String(text).length)),
      model: "m@1",
      unit: "",
    }),
  };
  const predicted = await predict([rowsToScore("x", [["a", "bcd"]]), rowsToScore("y", [["ef"]])], lengths);
  expect(predicted.map(({ yPred }) => [...yPred])).toEqual([[1, 3], [2]]);
});

test("a call that fails leaves no predictions of those before it", async () => {
  const calls: number[] = [];
  const failing: Scorer = {
    ...adder(calls),
    score: async (rows, columns) => {
      if (calls.length === 1) throw new ScoringError("bad luck", { forGood: true, blame: "rows" });
      return adder(calls).score(rows, columns);
    },
  };
  await expect(predict([message("x", 1, 5)], failing, 2)).rejects.toThrow("bad luck");
});

test("a message is scored by one model", async () => {
  await expect(
    predict(
      [message("x", 1, 5)],
      adder([], (call) => `m@${call}`),
      2,
    ),
  ).rejects.toThrow("the server changed its model from m@1 to m@2 while it scored this message");
});
