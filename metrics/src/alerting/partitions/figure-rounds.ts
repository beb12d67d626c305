import type { FiguresAnswer } from "./figures-answer.js";
import type { FiguresQuestion } from "./figures-question.js";

/** A question with the answers that it got. */
export interface FinishedRound {
  readonly question: FiguresQuestion;
  /** By partition. */
  readonly answers: ReadonlyMap<number, FiguresAnswer>;
  /** The partitions that did not answer, ascending. */
  readonly missing: readonly number[];
}

/** So often a question is asked before the round is over: the first one waits for partitions that start at the same time. */
export const ASKED_AT_MOST = { first: 60, later: 10 };

/**
 * Which answers have come, round by round: a round is over when every partition has answered that answered the one before, or when it was asked often enough. A
 * partition that answers again is waited for again.
 */
export class FigureRounds {
  readonly #others: readonly number[];
  #asked: { readonly question: FiguresQuestion; times: number; readonly answers: Map<number, FiguresAnswer> } | undefined;
  #finished: FinishedRound | undefined;
  /** Partitions that a round does not wait for. */
  #away = new Set<number>();

  /** @param others - the partitions that are asked. */
  constructor(others: readonly number[]) {
    this.#others = others;
  }

  /** Partitions of the lane, with the one that asks. */
  get of(): number {
    return this.#others.length + 1;
  }

  /** The last one that is over; undefined before the first. */
  get finished(): FinishedRound | undefined {
    return this.#finished;
  }

  /** What is to be asked now: the same again, or what `next` makes if all have answered. */
  ask(next: () => FiguresQuestion): FiguresQuestion {
    if (this.#asked !== undefined && this.#asked.times >= (this.#finished === undefined ? ASKED_AT_MOST.first : ASKED_AT_MOST.later))
      this.#finish();
    this.#asked ??= { question: next(), times: 0, answers: new Map() };
    this.#asked.times += 1;
    return this.#asked.question;
  }

  /** Takes an answer. One to an earlier question only shows that the partition is there. */
  answer(answer: FiguresAnswer): void {
    this.#away.delete(answer.partition);
    const asked = this.#asked;
    if (asked?.question.round !== answer.round || !this.#others.includes(answer.partition)) return;
    asked.answers.set(answer.partition, answer);
    if (this.#others.every((each) => asked.answers.has(each) || this.#away.has(each))) this.#finish();
  }

  #finish(): void {
    if (this.#asked === undefined) return;
    const { question, answers } = this.#asked;
    const missing = this.#others.filter((each) => !answers.has(each));
    this.#away = new Set(missing);
    this.#finished = { question, answers, missing };
    this.#asked = undefined;
  }
}
