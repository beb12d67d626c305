import { asNumbers, valuesBetween, type FeatureValues } from "../session/index.js";
import { ScoringError, type Answers, type ModelLabel, type Scorer } from "../session/scorer.js";

/** Rows that wait to be scored together. */
export interface Scorable {
  readonly rows: number;
  /** Shape [rows] each; all frames have their columns in the same order. */
  readonly columns: readonly FeatureValues[];
}

/** A frame and what the model says of it. */
export interface Scored<F> {
  readonly frame: F;
  /** Shape [rows]. */
  readonly yPred: Float64Array;
}

export interface BatcherOptions<F> {
  /** No call has more rows. */
  readonly batchRows: number;
  /** How long a frame may wait for others, in ms; 0: a call takes what is there. */
  readonly batchDelayMs: number;
  /** Calls that may be under way at once. */
  readonly concurrency: () => number;
  /** Hands over what scores now, for as long as the work takes: all rows of a batch are scored by the same one. */
  readonly using: <T>(work: (scorer: Scorer) => Promise<T>) => Promise<T>;
  /** Makes a frame ready for the scorer that is to take it; one that is left without rows is delivered all the same. */
  readonly fit: (frame: F, scorer: Scorer) => F;
  /** Takes scored frames on, all by one model; the batcher does not wait for it. */
  readonly deliver: (scored: readonly Scored<F>[], label: ModelLabel) => void;
  /** Told of each call that was answered. */
  readonly onCall?: (rows: number, seconds: number) => void;
  /** Takes a frame on on which the model failed. */
  readonly fail: (frame: F, error: unknown) => void;
}

/** A server that fails on so many messages alone, one after another, does not fail because of them. */
const FAILURES_IN_A_ROW = 2;

/**
 * Gathers the frames that wait into one call of the model, whatever frames the rows came in, and gives each frame its
 * own answers. As many calls are under way as the scorer allows: what comes meanwhile is the next. Where a call fails
 * its frames are scored one by one, so that one that the model fails on harms no other.
 */
export class Batcher<F extends Scorable> {
  readonly #options: BatcherOptions<F>;
  #waiting: { readonly frame: F; readonly since: number }[] = [];
  #rows = 0;
  #calls = 0;
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;

  constructor(options: BatcherOptions<F>) {
    this.#options = options;
  }

  add(frame: F): void {
    this.#waiting.push({ frame, since: performance.now() });
    this.#rows += frame.rows;
    this.#schedule();
  }

  /** Looks whether calls can begin, where none could. */
  wake(): void {
    this.#schedule();
  }

  #schedule(): void {
    const [oldest] = this.#waiting;
    const { batchDelayMs, batchRows, concurrency } = this.#options;
    if (oldest === undefined || this.#immediate !== undefined || this.#calls >= concurrency()) return;
    const wait = oldest.since + batchDelayMs - performance.now();
    if (wait > 0 && this.#rows < batchRows) {
      this.#timer ??= setTimeout(() => this.#start(), wait);
      return;
    }
    // A turn of the event loop lets every message that has arrived already join the call.
    this.#immediate = setImmediate(() => this.#start());
  }

  #start(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    clearImmediate(this.#immediate);
    this.#immediate = undefined;
    this.#calls += 1;
    void this.#run(this.#take()).finally(() => {
      this.#calls -= 1;
      this.#schedule();
    });
    this.#schedule();
  }

  /** The oldest frames that fit into one call; a frame that is larger than a call comes alone. */
  #take(): F[] {
    let rows = 0;
    let count = 0;
    for (const { frame } of this.#waiting) {
      if (count > 0 && rows + frame.rows > this.#options.batchRows) break;
      rows += frame.rows;
      count += 1;
    }
    const taken = this.#waiting.slice(0, count);
    this.#waiting = this.#waiting.slice(count);
    this.#rows -= rows;
    return taken.map(({ frame }) => frame);
  }

  async #run(frames: readonly F[]): Promise<void> {
    const error = await this.#tryAll(frames);
    if (error === undefined) return;
    const [only] = frames;
    if (only !== undefined && frames.length === 1) this.#options.fail(only, error);
    else if (error instanceof ScoringError && error.blame === "model") for (const frame of frames) this.#options.fail(frame, error);
    else await this.#runAlone(frames);
  }

  /** Each frame in a call of its own. */
  async #runAlone(frames: readonly F[]): Promise<void> {
    let inARow = 0;
    for (const [at, frame] of frames.entries()) {
      const error = await this.#tryAll([frame]);
      if (error === undefined) {
        inARow = 0;
        continue;
      }
      this.#options.fail(frame, error);
      if (!(error instanceof ScoringError)) continue;
      inARow = error.blame === "unknown" ? inARow + 1 : 0;
      if (error.blame !== "model" && inARow < FAILURES_IN_A_ROW) continue;
      for (const other of frames.slice(at + 1)) this.#options.fail(other, error);
      return;
    }
  }

  /** Scores and delivers frames together. @returns what went wrong; nothing was delivered then. */
  async #tryAll(frames: readonly F[]): Promise<unknown> {
    const { using, fit, deliver } = this.#options;
    let ready: readonly F[] = frames;
    let answers: Answers;
    try {
      answers = await using((scorer) => {
        ready = frames.map((frame) => fit(frame, scorer));
        return this.#score(
          scorer,
          ready.filter(({ rows }) => rows > 0),
        );
      });
    } catch (error) {
      return error ?? new Error("The model failed.");
    }
    const { yPred, ...label } = answers;
    let end = 0;
    deliver(
      ready.map((frame) => ({ frame, yPred: yPred.subarray(end, (end += frame.rows)) })),
      label,
    );
    return undefined;
  }

  /** y_pred of all rows of the frames, in order, in calls of at most `batchRows`, all by one model. */
  async #score(scorer: Scorer, frames: readonly F[]): Promise<Answers> {
    const { batchRows } = this.#options;
    const rows = frames.reduce((sum, frame) => sum + frame.rows, 0);
    if (rows === 0) return { yPred: new Float64Array(), model: scorer.label, unit: "" };
    const columns = concatenated(frames, rows);
    if (rows <= batchRows) return this.#call(scorer, rows, columns);
    const all = new Float64Array(rows);
    let label: ModelLabel | undefined;
    for (let from = 0; from < rows; from += batchRows) {
      const to = Math.min(rows, from + batchRows);
      const part = columns.map((column) => valuesBetween(column, from, to));
      const answers = await this.#call(scorer, to - from, part);
      label ??= answers;
      if (answers.model !== label.model) throw new MixedModelsError(label.model, answers.model);
      all.set(answers.yPred, from);
    }
    return { yPred: all, model: label?.model ?? "", unit: label?.unit ?? "" };
  }

  async #call(scorer: Scorer, rows: number, columns: readonly FeatureValues[]): Promise<Answers> {
    const began = performance.now();
    const answers = await scorer.score(rows, columns);
    this.#options.onCall?.(rows, (performance.now() - began) / 1000);
    return answers;
  }
}

/** A server changed its model between two calls for one message. */
export class MixedModelsError extends Error {
  override readonly name = "MixedModelsError";

  constructor(one: string, other: string) {
    super(`the server changed its model from ${one} to ${other} while it scored this message`);
  }
}

function concatenated(frames: readonly Scorable[], rows: number): readonly FeatureValues[] {
  const [first] = frames;
  if (first === undefined || frames.length === 1) return first?.columns ?? [];
  return first.columns.map((column, feature) => {
    if (!(column instanceof Float64Array))
      return frames.flatMap((frame) => Array.from<number | string, string>(frame.columns[feature] ?? [], String));
    const all = new Float64Array(rows);
    let at = 0;
    for (const frame of frames) {
      all.set(asNumbers(frame.columns[feature] ?? []), at);
      at += frame.rows;
    }
    return all;
  });
}
