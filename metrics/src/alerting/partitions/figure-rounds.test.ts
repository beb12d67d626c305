import { expect, test } from "vitest";
import type { FiguresAnswer } from "./figures-answer.js";
import type { FiguresQuestion } from "./figures-question.js";
import { FigureRounds } from "./figure-rounds.js";

const question = (round: string): FiguresQuestion => ({
  lane: "champion",
  of: 4,
  round,
  model: "m@1",
  watermark: null,
  spans: [],
  driftFrom: [],
});
const answer = (partition: number, round: string): FiguresAnswer => ({
  lane: "champion",
  partition,
  round,
  watermark: null,
  model: "",
  unit: "",
  lastAt: { y_true: null, y_pred: null },
  alarms: [],
  drift: [],
  windows: [],
});

/** Rounds of four partitions, the first of which asks. */
class Asked {
  readonly rounds = new FigureRounds([2, 3, 4]);
  #count = 0;

  /** @returns the round that is asked for. */
  ask(): string {
    return this.rounds.ask(() => question(`r${(this.#count += 1)}`)).round;
  }

  askTimes(times: number): string[] {
    return Array.from({ length: times }, () => this.ask());
  }

  answer(round: string, ...partitions: number[]): this {
    for (const partition of partitions) this.rounds.answer(answer(partition, round));
    return this;
  }

  get finished() {
    const { finished } = this.rounds;
    return finished && [finished.question.round, [...finished.answers.keys()], finished.missing];
  }
}

test("a round is over when all have answered, and the next question is another one", () => {
  const asked = new Asked();
  expect([asked.ask(), asked.ask()]).toEqual(["r1", "r1"]);
  expect(asked.answer("r1", 2, 3).finished).toBeUndefined();
  expect(asked.answer("r1", 4).finished).toEqual(["r1", [2, 3, 4], []]);
  expect(asked.ask()).toBe("r2");
  expect(asked.finished).toEqual(["r1", [2, 3, 4], []]);
});

test("the first round is asked 60 times, for partitions that start", () => {
  const asked = new Asked();
  expect(new Set(asked.askTimes(60))).toEqual(new Set(["r1"]));
  asked.answer("r1", 2);
  expect(asked.finished).toBeUndefined();
  expect(asked.ask()).toBe("r2");
  expect(asked.finished).toEqual(["r1", [2], [3, 4]]);
});

test("a later one is asked ten times, and then those that did not answer are not waited for until they are there again", () => {
  const asked = new Asked();
  asked.ask();
  asked.answer("r1", 2, 3, 4);
  expect(asked.askTimes(10)).toEqual(Array(10).fill("r2"));
  asked.answer("r2", 2, 4);
  expect(asked.ask()).toBe("r3");
  expect(asked.finished).toEqual(["r2", [2, 4], [3]]);
  // Without the third partition a round takes no longer.
  expect(asked.answer("r3", 2, 4).finished).toEqual(["r3", [2, 4], [3]]);
  // Its answer came too late for that round, and shows that it is there.
  asked.answer("r3", 3);
  expect(asked.ask()).toBe("r4");
  expect(asked.answer("r4", 2, 4).finished).toEqual(["r3", [2, 4], [3]]);
  expect(asked.answer("r4", 3).finished).toEqual(["r4", [2, 4, 3], []]);
});

test("answers to another question, of this partition or of one that there is not, do not count", () => {
  const asked = new Asked();
  asked.ask();
  expect(asked.answer("r0", 2, 3, 4).answer("r1", 1, 5, 2, 3).finished).toBeUndefined();
  expect(asked.answer("r1", 4).finished).toEqual(["r1", [2, 3, 4], []]);
});
