import { randomUUID } from "node:crypto";
import {
  errorText,
  FIGURE_ANSWERS_EXCHANGE,
  FIGURE_QUESTIONS_EXCHANGE,
  LanePartition,
  type Bus,
  type Delivery,
  type Logger,
  type Subscription,
} from "@streamgauge/core";
import { FigureAnswers } from "../../join/answered-figures.js";
import type { OpenJoin } from "../../join/open-join.js";
import type { Rule } from "../rules/rule.js";
import { FigureRounds } from "./figure-rounds.js";
import { readAnswer, writeAnswer } from "./figures-answer.js";
import { neededBy, readQuestion, writeQuestion, type FiguresQuestion } from "./figures-question.js";

/** The partition that asks: its latest event time, ms since 1970, and the model version of its rules. */
export interface AskingPartition {
  readonly watermark: number;
  readonly model: string;
}

type LaneBus = Pick<Bus, "broadcast" | "subscribe" | "connected">;

/** What waits at the broker for a partition that is slow: some rounds of some hundred partitions. */
const MOST_WAITING = { messages: 1_000, bytes: 64 * 1024 * 1024 };

/** Asks the other partitions of a lane, every second, for the figures that its rules need. Only the first partition does. */
export class FigureQuestions {
  readonly rounds: FigureRounds;
  readonly #bus: LaneBus;
  readonly #log: Logger;
  readonly #partition: LanePartition;
  readonly #rules: readonly Rule[];
  readonly #current: () => AskingPartition | undefined;
  /** Answers to a process before this one are not taken for its own. */
  readonly #name = randomUUID();
  #count = 0;
  #saidMissing = "";

  /** @param rules - of the lane. @param current - undefined while the partition does not run. */
  constructor(bus: LaneBus, log: Logger, partition: LanePartition, rules: readonly Rule[], current: () => AskingPartition | undefined) {
    this.#bus = bus;
    this.#log = log;
    this.#partition = partition;
    this.#rules = rules;
    this.#current = current;
    const others = LanePartition.all(partition.lane, partition.of).filter(({ index }) => index !== partition.index);
    this.rounds = new FigureRounds(others.map(({ index }) => index));
  }

  /** Receives the answers. */
  follow(): Promise<Subscription> {
    const name = `metrics.${this.#partition.name}.answers`;
    return this.#bus.subscribe(FIGURE_ANSWERS_EXCHANGE, name, (delivery) => this.#onAnswer(delivery), { most: MOST_WAITING });
  }

  /** Asks, unless nothing could be answered. Call it every second. */
  ask(): void {
    const current = this.#current();
    // Without a link no partition is away: the last figures stay.
    if (current === undefined || !this.#bus.connected) return;
    this.#bus.broadcast(FIGURE_QUESTIONS_EXCHANGE, writeQuestion(this.rounds.ask(() => this.#next(current))));
    this.#sayMissing();
  }

  #next({ watermark: own, model }: AskingPartition): FiguresQuestion {
    const { lane, of } = this.#partition;
    const answered = Array.from(this.rounds.finished?.answers.values() ?? [], ({ watermark }) => watermark ?? -Infinity);
    this.#count += 1;
    const round = `${this.#name}.${this.#count}`;
    return { lane, of, round, model, ...neededBy(this.#rules, Math.max(own, ...answered)) };
  }

  #onAnswer(delivery: Delivery): void {
    const answer = readAnswer(delivery);
    if (answer?.lane === this.#partition.lane) this.rounds.answer(answer);
  }

  #sayMissing(): void {
    const missing = this.rounds.finished?.missing ?? [];
    const { of, lane } = this.#partition;
    const text = missing.join(", ");
    if (text === this.#saidMissing) return;
    this.#saidMissing = text;
    if (text === "") this.#log.info(`All ${of} partitions of lane ${lane} answer: its rules are looked at with the figures of all.`);
    else
      this.#log.warn(
        `The rules of lane ${lane} are looked at without the figures of ${missing.length === 1 ? "partition" : "partitions"} ${text} of ${of}: start its metrics, or look into its log.`,
      );
  }
}

/** Answers the questions for one partition. @param join - the current join; undefined while it does not run. */
export async function answerQuestions(
  bus: LaneBus,
  log: Logger,
  partition: LanePartition,
  join: () => OpenJoin | undefined,
): Promise<Subscription> {
  const answers = new FigureAnswers(partition.index);
  const onQuestion = (delivery: Delivery) => {
    const question = readQuestion(delivery);
    const running = join();
    if (running === undefined || question?.lane !== partition.lane || question.of !== partition.of) return;
    try {
      bus.broadcast(FIGURE_ANSWERS_EXCHANGE, writeAnswer(answers.answer(running.state, running.cycle.latest, question)));
    } catch (error) {
      log.error(`The figures for the rules of lane ${partition.lane} cannot be read: ${errorText(error)}`);
    }
  };
  return bus.subscribe(FIGURE_QUESTIONS_EXCHANGE, `metrics.${partition.name}.questions`, onQuestion);
}
