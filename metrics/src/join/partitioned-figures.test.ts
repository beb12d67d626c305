import { freshFolder } from "@streamgauge/testing/vitest";
import { afterEach, expect, test } from "vitest";
import { DEFAULT_ALARM } from "../alarm/alarm-settings.js";
import type { FinishedRound } from "../alerting/partitions/figure-rounds.js";
import { readAnswer, writeAnswer, type FiguresAnswer } from "../alerting/partitions/figures-answer.js";
import { neededBy, type FiguresQuestion } from "../alerting/partitions/figures-question.js";
import { parseRules } from "../alerting/rules/read-rules.js";
import { TestLane } from "../testing/test-lane.js";
import { FigureAnswers } from "./answered-figures.js";
import { partitionedFigures } from "./partitioned-figures.js";
import { laneFiguresOf } from "./state-figures.js";

const [whole, first, second] = [freshFolder(), freshFolder(), freshFolder()];
const HOUR = 3_600_000;
const RULES = parseRules("rules: [{name: a, kind: mae, above: 1}, {name: b, kind: coverage, below: 1, after: 1m}]", "rules.yaml");
const LATEST = { model: "linear 1", unit: "" };

let lanes: TestLane[] = [];
afterEach(async () => {
  await Promise.all(lanes.map(({ join }) => join.close()));
  lanes = [];
});

/** Three lanes: one with all rows, and its two partitions. */
async function openAll(): Promise<[all: TestLane, one: TestLane, other: TestLane]> {
  const [all, one, other] = [await TestLane.open(whole), await TestLane.open(first), await TestLane.open(second)];
  lanes = [all, one, other];
  return [all, one, other];
}

function ask(watermark: number): FiguresQuestion {
  return { lane: "champion", of: 2, round: "r1", model: LATEST.model, ...neededBy(RULES, watermark) };
}

/** What a partition answers, as it is received. */
function answerOf({ join }: TestLane, partition: number, question: FiguresQuestion): FiguresAnswer {
  const { body, type } = writeAnswer(new FigureAnswers(partition).answer(join.state, LATEST, question));
  const answer = readAnswer({ body, type });
  if (answer === undefined) throw new Error("The answer cannot be read.");
  return answer;
}

function figuresOf({ join }: TestLane, finished: FinishedRound | undefined) {
  return partitionedFigures(laneFiguresOf(join.state, LATEST, 0), join.state, { of: 2, finished });
}

test("the figures of two partitions are those of one, though one of them has had no row for long", async () => {
  const [all, one, other] = await openAll();
  const start = all.clock.now();
  const send = (lane: TestLane, eventTime: number, yTrue: number, yPred: number, id: string) => {
    for (const each of [all, lane]) {
      each.send("y_pred", [[id, yPred]], 0, eventTime);
      if (!Number.isNaN(yTrue)) each.send("y_true", [[id, yTrue]]);
    }
  };
  // Out of the last hour of the lane, but the latest of its partition.
  send(other, start - 2 * HOUR, 0, 100, "old");
  send(other, start - HOUR / 2, 10, 13, "a");
  send(one, start - HOUR / 4, 10, 9, "b");
  send(one, start - 1_000, 10, 10.5, "c");
  send(one, start - 120_000, NaN, 1, "unlabelled");
  for (const lane of lanes) lane.spill();

  const question = ask(one.join.state.monitor.windows.watermark);
  const answers = new Map([[2, answerOf(other, 2, question)]]);
  const figures = figuresOf(one, { question, answers, missing: [] });
  const expected = laneFiguresOf(all.join.state, LATEST, 0);
  expect(figures.over(HOUR, 0, LATEST.model)).toEqual(expected.over(HOUR, 0, LATEST.model));
  expect(figures.over(HOUR, 60_000, LATEST.model)).toEqual(expected.over(HOUR, 60_000, LATEST.model));
  // |13 − 10|, |9 − 10| and |10.5 − 10|
  expect(figures.over(HOUR, 0, LATEST.model)).toMatchObject({ predicted: 4, labelled: 3, ofModel: { labelled: 3, mae: 1.5 } });
  expect(figures.partitions).toEqual({ of: 2, missing: [] });
});

test("a partition that does not answer is missing, and its rows are", async () => {
  const [, one, other] = await openAll();
  for (const [i, lane] of [one, other].entries()) {
    lane.predictions([`id ${i}`, 10 + i]);
    lane.labels([`id ${i}`, 9]);
    lane.spill();
  }
  const question = ask(one.join.state.monitor.windows.watermark);
  const figures = figuresOf(one, { question, answers: new Map(), missing: [2] });
  expect(figures.over(HOUR, 0, LATEST.model)).toMatchObject({ labelled: 1, ofModel: { mae: 1 } });
  expect(figures.partitions).toEqual({ of: 2, missing: [2] });
});

test("before any answer, and for what was not asked, nothing is known", async () => {
  const [, one] = await openAll();
  one.predictions(["a", 1]);
  one.labels(["a", 2]);
  one.spill();
  expect(figuresOf(one, undefined).partitions).toBeUndefined();
  const question = ask(one.join.state.monitor.windows.watermark);
  const figures = figuresOf(one, { question, answers: new Map(), missing: [2] });
  expect(figures.over(2 * HOUR, 0, LATEST.model)).toBeUndefined();
  expect(figures.alarms("another 1")).toEqual([]);
  expect(figures.drift(24 * HOUR, LATEST.model)).toBeUndefined();
});

test("an alarm in another partition is one of the lane, with what that one says of it", async () => {
  const alarm = { ...DEFAULT_ALARM, every: { rows: 1_000_000 }, tolerance: 0 };
  lanes = [await TestLane.open(first, { alarm }), await TestLane.open(second, { alarm })];
  for (const [i, lane] of lanes.entries()) {
    // 200 rows with the error 1, then 100 with the error 1 in the first partition and 3 in the second.
    const errors = [...Array<number>(200).fill(1), ...Array<number>(100).fill(1 + 2 * i)];
    lane.heldOut = { rows: 1_000, mae: 1, sd: 0 };
    lane.labels(...errors.map((_, row): [string, number] => [`row-${row}`, 0]));
    lane.predictions(...errors.map((error, row): [string, number] => [`row-${row}`, error]));
    lane.spill();
  }
  const [one, other] = lanes;
  if (one === undefined || other === undefined) throw new Error("There are no lanes.");
  const question = ask(one.join.state.monitor.windows.watermark);
  const figures = figuresOf(one, { question, answers: new Map([[2, answerOf(other, 2, question)]]), missing: [] });
  const worse = figures.alarms(LATEST.model).filter(({ kind }) => kind === "worse");
  expect(worse).toMatchObject([
    { partition: 1, isOn: false, raisedAtRow: 0 },
    { partition: 2, isOn: true, change: { mean_before: 1, mean_since: 3, since_row: 201 } },
  ]);
  // Nothing is known of the features of these rows.
  expect(worse[1]?.segments()).toEqual([]);
});
