import type { Outcome, FrameFormat, Ids, Refusal } from "@streamgauge/core";

/** The rows of one message that wait to be scored. */
export interface WaitingFrame {
  readonly ids: Ids;
  /** In the model's feature order, shape [rows] each. */
  readonly columns: readonly Float64Array[];
  /** How the message was written; it is answered alike. */
  readonly format: FrameFormat;
  /** When its oldest row left the source, ms since 1970. */
  readonly origin: number;
  /** Rows of the message that cannot be scored. */
  readonly refusals: readonly Refusal[];
  /** Where row i stood in the message. */
  readonly position: (row: number) => number;
  readonly answer: (outcome: Outcome) => void;
}

/** A frame that has been scored. */
export interface ScoredFrame {
  readonly frame: WaitingFrame;
  /** Shape [rows]. */
  readonly yPred: Float64Array;
}

export interface BatcherOptions {
  /** No call has more rows. */
  readonly batchRows: number;
  /** How long a frame may wait for others, in ms; 0: a call takes what is there. */
  readonly batchDelayMs: number;
  /** One call of the model: columns of shape [rows] to y_pred of shape [rows]. */
  readonly predict: (rows: number, columns: readonly Float64Array[]) => Promise<Float64Array>;
  /** Takes scored frames on; the batcher does not wait for it. */
  readonly deliver: (scored: readonly ScoredFrame[]) => void;
}

/**
 * Gathers the frames that wait into one call of the model, whatever frames the rows came in, and gives each frame its
 * own answers. One call is made at a time: what comes meanwhile is the next.
 */
export class Batcher {
  readonly #options: BatcherOptions;
  #waiting: WaitingFrame[] = [];
  #rows = 0;
  #busy = false;
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;

  constructor(options: BatcherOptions) {
    this.#options = options;
  }

  add(frame: WaitingFrame): void {
    this.#waiting.push(frame);
    this.#rows += frame.ids.length;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#busy || this.#waiting.length === 0 || this.#immediate !== undefined) return;
    const { batchDelayMs, batchRows } = this.#options;
    if (batchDelayMs > 0 && this.#rows < batchRows) {
      this.#timer ??= setTimeout(() => this.#start(), batchDelayMs);
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
    if (this.#busy) return;
    this.#busy = true;
    void this.#run(this.#take()).finally(() => {
      this.#busy = false;
      this.#schedule();
    });
  }

  /** The oldest frames that fit into one call; a frame that is larger than a call comes alone. */
  #take(): WaitingFrame[] {
    let rows = 0;
    let count = 0;
    for (const frame of this.#waiting) {
      if (count > 0 && rows + frame.ids.length > this.#options.batchRows) break;
      rows += frame.ids.length;
      count += 1;
    }
    const taken = this.#waiting.slice(0, count);
    this.#waiting = this.#waiting.slice(count);
    this.#rows -= rows;
    return taken;
  }

  async #run(frames: readonly WaitingFrame[]): Promise<void> {
    try {
      const yPred = await this.#score(frames);
      let from = 0;
      const scored = frames.map((frame) => {
        const to = from + frame.ids.length;
        const own = { frame, yPred: yPred.subarray(from, to) };
        from = to;
        return own;
      });
      this.#options.deliver(scored);
    } catch (error) {
      const reason = `the model failed: ${error instanceof Error ? error.message : String(error)}`;
      for (const { answer } of frames) answer({ kind: "retry", reason });
    }
  }

  /** y_pred of all rows of the frames, in order, in calls of at most `batchRows`. */
  async #score(frames: readonly WaitingFrame[]): Promise<Float64Array> {
    const { batchRows, predict } = this.#options;
    const columns = concatenated(frames);
    const rows = frames.reduce((sum, { ids }) => sum + ids.length, 0);
    if (rows <= batchRows) return rows === 0 ? new Float64Array() : predict(rows, columns);
    const all = new Float64Array(rows);
    for (let from = 0; from < rows; from += batchRows) {
      const to = Math.min(rows, from + batchRows);
      const part = await predict(
        to - from,
        columns.map((column) => column.subarray(from, to)),
      );
      all.set(part, from);
    }
    return all;
  }
}

function concatenated(frames: readonly WaitingFrame[]): readonly Float64Array[] {
  const scorable = frames.filter(({ ids }) => ids.length > 0);
  const [first] = scorable;
  if (first === undefined || scorable.length === 1) return first?.columns ?? [];
  const rows = scorable.reduce((sum, { ids }) => sum + ids.length, 0);
  return first.columns.map((_, feature) => {
    const all = new Float64Array(rows);
    let at = 0;
    for (const { columns, ids } of scorable) {
      all.set(columns[feature] ?? [], at);
      at += ids.length;
    }
    return all;
  });
}
