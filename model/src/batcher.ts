/** Rows that wait to be scored together. */
export interface Scorable {
  readonly rows: number;
  /** Shape [rows] each; all frames have their columns in the same order. */
  readonly columns: readonly Float64Array[];
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
  /** One call of the model: columns of shape [rows] to y_pred of shape [rows]. */
  readonly predict: (rows: number, columns: readonly Float64Array[]) => Promise<Float64Array>;
  /** Takes scored frames on; the batcher does not wait for it. */
  readonly deliver: (scored: readonly Scored<F>[]) => void;
  /** Takes a frame on on which the model failed, though it was scored alone. */
  readonly fail: (frame: F, error: unknown) => void;
}

/**
 * Gathers the frames that wait into one call of the model, whatever frames the rows came in, and gives each frame its
 * own answers. One call is made at a time: what comes meanwhile is the next. Where a call fails its frames are scored
 * one by one, so that one that the model fails on harms no other.
 */
export class Batcher<F extends Scorable> {
  readonly #options: BatcherOptions<F>;
  #waiting: { readonly frame: F; readonly since: number }[] = [];
  #rows = 0;
  #busy = false;
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

  #schedule(): void {
    const [oldest] = this.#waiting;
    if (this.#busy || oldest === undefined || this.#immediate !== undefined) return;
    const { batchDelayMs, batchRows } = this.#options;
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
    this.#busy = true;
    void this.#run(this.#take()).finally(() => {
      this.#busy = false;
      this.#schedule();
    });
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
    let yPred: Float64Array;
    try {
      yPred = await this.#score(frames);
    } catch (error) {
      const [only] = frames;
      if (only !== undefined && frames.length === 1) this.#options.fail(only, error);
      else for (const frame of frames) await this.#run([frame]);
      return;
    }
    let end = 0;
    this.#options.deliver(frames.map((frame) => ({ frame, yPred: yPred.subarray(end, (end += frame.rows)) })));
  }

  /** y_pred of all rows of the frames, in order, in calls of at most `batchRows`. */
  async #score(frames: readonly F[]): Promise<Float64Array> {
    const { batchRows, predict } = this.#options;
    const rows = frames.reduce((sum, frame) => sum + frame.rows, 0);
    const columns = concatenated(frames, rows);
    if (rows <= batchRows) return predict(rows, columns);
    const all = new Float64Array(rows);
    for (let from = 0; from < rows; from += batchRows) {
      const to = Math.min(rows, from + batchRows);
      const part = columns.map((column) => column.subarray(from, to));
      all.set(await predict(to - from, part), from);
    }
    return all;
  }
}

function concatenated(frames: readonly Scorable[], rows: number): readonly Float64Array[] {
  const [first] = frames;
  if (first === undefined || frames.length === 1) return first?.columns ?? [];
  return first.columns.map((_, feature) => {
    const all = new Float64Array(rows);
    let at = 0;
    for (const frame of frames) {
      all.set(frame.columns[feature] ?? [], at);
      at += frame.rows;
    }
    return all;
  });
}
