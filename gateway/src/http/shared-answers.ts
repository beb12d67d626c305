/** How many times as long as it took to compute an answer is given again: then its computing is at most a tenth of the time. */
const KEPT_TIMES = 9;
/** Answers that are kept, the latest. */
const MOST = 32;

interface Answer<T> {
  readonly value: Promise<T>;
  /** By the clock; Infinity while it is being computed. */
  until: number;
}

/** Answers that several viewers ask for at about the same time: each is computed once. */
export class SharedAnswers<T> {
  readonly #clock: () => number;
  readonly #answers = new Map<string, Answer<T>>();

  /** @param clock - steady, in ms. */
  constructor(clock: () => number = () => performance.now()) {
    this.#clock = clock;
  }

  /** @param question - equal for equal answers. @param compute - is called if no answer is known that is young enough. */
  get(question: string, compute: () => Promise<T>): Promise<T> {
    const began = this.#clock();
    const known = this.#answers.get(question);
    if (known !== undefined && began < known.until) return known.value;
    const answer: Answer<T> = { value: compute(), until: Infinity };
    this.#keep(question, answer);
    answer.value.then(
      () => {
        const ended = this.#clock();
        answer.until = ended + (ended - began) * KEPT_TIMES;
      },
      () => {
        // The next one who asks tries again.
        if (this.#answers.get(question) === answer) this.#answers.delete(question);
      },
    );
    return answer.value;
  }

  #keep(question: string, answer: Answer<T>): void {
    this.#answers.delete(question);
    this.#answers.set(question, answer);
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > MOST && oldest !== undefined) this.#answers.delete(oldest);
  }
}
