import { setTimeout as delay } from "node:timers/promises";
import type { TestContext } from "vitest";
import { Dice } from "../faults/harness/dice.js";
import type { Pipeline } from "../faults/harness/pipeline.js";
import { framesOf, Sender, someRows, type SentRow } from "../faults/harness/sender.js";
import { knownTruth, type Truth } from "../faults/harness/truth.js";
import { DueLater, heavyTailed } from "./due-later.js";
import type { ExpectedWindows } from "./expected-windows.js";

/** Pause between two frames. */
const EVERY_MS = 250;
const MOST_ROWS = 100;
const MOST_IN_FRAME = 200;
/** Of rows and frames. */
const SHARES = { corrected: 0.02, twice: 0.05, bad: 0.02 };
/** A corrected label is so much larger. */
const MORE = 25;

export interface LateProducerOptions {
  readonly pipeline: Pipeline;
  readonly expected: ExpectedWindows;
  /** The time of the run, ms since 1970. */
  readonly now: () => number;
  /** The longest a label or a correction may be late, in ms. */
  readonly mostDelayMs: number;
}

/**
 * A producer beside the program's own source: rows of which each says when it happened, labels with a heavy-tailed delay, corrections, frames
 * that come twice, and messages with a bad row.
 */
export class LateProducer {
  /** Messages that must become dead letters. */
  bad = 0;
  rows = 0;
  corrections = 0;
  readonly #options: LateProducerOptions;
  readonly #sender: Sender;
  readonly #truth: Truth;
  readonly #dice = new Dice();
  readonly #labels = new DueLater();
  readonly #corrections = new DueLater();
  readonly #stopping = new AbortController();
  #last: number;
  #sending: Promise<void> = Promise.resolve();

  private constructor(options: LateProducerOptions, sender: Sender, truth: Truth) {
    this.#options = options;
    this.#sender = sender;
    this.#truth = truth;
    this.#last = options.now();
  }

  static async start(context: TestContext, options: LateProducerOptions): Promise<LateProducer> {
    const producer = new LateProducer(options, await Sender.open(context, options.pipeline), await knownTruth());
    context.onTestFinished(() => producer.#stopping.abort());
    producer.#sending = producer.#run();
    producer.#sending.catch(() => undefined);
    return producer;
  }

  /** Sends all labels and corrections that are due later. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#sending;
    await this.#sendDue(Infinity);
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const now = this.#options.now();
      // While the source stands, so does the time of the run.
      if (now > this.#last) await this.#sendRows(this.#last, now);
      this.#last = now;
      await this.#sendDue(now);
      await delay(EVERY_MS);
    }
  }

  /** Sends rows that happened between two times. */
  async #sendRows(from: number, to: number): Promise<void> {
    const rows = someRows("late", this.#dice.whole(1, MOST_ROWS), this.rows);
    const times = rows.map(() => from + Math.floor(this.#dice.fraction() * (to - from)));
    for (const [i, row] of rows.entries()) this.#plan(row, times[i] ?? from, to);
    this.rows += rows.length;
    const send = () => this.#sender.features(rows, this.#dice.pick(["json", "arrow"]), times);
    await this.#maybeTwice(send);
    if (this.#dice.chance(SHARES.bad)) {
      this.bad += 1;
      await this.#sender.garbage(JSON.stringify({ id: `bad-${this.bad}`, features: { age: "old" } }));
    }
  }

  /** Notes what must be logged of a row and counted in its windows, and when its label comes. */
  #plan(row: SentRow, at: number, now: number): void {
    const { pipeline, expected, mostDelayMs } = this.#options;
    const isCorrected = this.#dice.chance(SHARES.corrected);
    const labelled = now + heavyTailed(this.#dice, mostDelayMs);
    this.#labels.add(row, labelled);
    // Some corrections come before the label that they correct.
    if (isCorrected) this.#corrections.add(row, now + heavyTailed(this.#dice, mostDelayMs));
    pipeline.others.set(row.id, row.row);
    const yTrue = (this.#truth.yTrue[row.row] ?? Number.NaN) + (isCorrected ? MORE : 0);
    expected.add(at, Math.abs(yTrue - (this.#truth.yPred[row.row] ?? Number.NaN)), isCorrected);
  }

  async #sendDue(now: number): Promise<void> {
    for (const frame of framesOf(this.#labels.take(now), MOST_IN_FRAME))
      await this.#maybeTwice(() => this.#sender.labels(frame, this.#dice.pick(["json", "arrow"])));
    for (const frame of framesOf(this.#corrections.take(now), MOST_IN_FRAME)) {
      this.corrections += frame.length;
      const decided = Date.now();
      await this.#maybeTwice(() => this.#sender.corrections(frame, decided, MORE, this.#dice.pick(["json", "arrow"])));
    }
  }

  async #maybeTwice(send: () => Promise<void>): Promise<void> {
    await send();
    if (this.#dice.chance(SHARES.twice)) await send();
  }
}
