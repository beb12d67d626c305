import type { Logger } from "@streamgauge/core";
import { CheckpointError, readCheckpoint, writeCheckpoint, type Checkpoint } from "./checkpoint.js";
import { ConfirmedUpTo } from "./confirmed-up-to.js";
import { nameRun } from "./run-ids.js";

export interface RunRecordOptions {
  /** Path of the checkpoint; undefined: none is kept. */
  readonly path: string | undefined;
  readonly signature: string;
  /** Begin a new run, whatever the checkpoint says. */
  readonly startOver: boolean;
  readonly log: Logger;
}

/** How far the source is within a run: rows of the run, and of the current pass over the dataset with its shift. */
export type Mark = Pick<Checkpoint, "rows" | "position" | "shift">;

/** A run, and how much of it is safe at the broker: kept on disk, so that the next process goes on there. */
export class RunRecord {
  readonly #options: RunRecordOptions;
  readonly #confirmed = new ConfirmedUpTo<Mark>();
  #saved: Mark | undefined;
  #failing = false;

  readonly run: string;
  /** How far earlier processes got. */
  readonly start: Mark;

  /** Resumes the run of the checkpoint, or begins a new one. */
  constructor(options: RunRecordOptions) {
    this.#options = options;
    const { log } = options;
    const checkpoint = this.#unfinished();
    this.run = checkpoint?.run ?? nameRun(Date.now());
    const { rows = 0, position = 0, shift = 0 } = checkpoint ?? {};
    this.start = { rows, position, shift };
    if (checkpoint === undefined) log.info(`Run ${this.run} begins.`);
    else log.info(`Run ${this.run} goes on after row ${checkpoint.rows}.`);
    // A run killed before its first confirm must resume too: its rows must not be sent again under other ids.
    this.save(false);
  }

  #unfinished(): Checkpoint | undefined {
    const { path, signature, startOver, log } = this.#options;
    if (path === undefined || startOver) return undefined;
    try {
      const checkpoint = readCheckpoint(path);
      if (checkpoint === undefined || checkpoint.signature === signature) return checkpoint;
      const { run, rows } = checkpoint;
      log.info(`Run ${run} does not go on after row ${rows}: the dataset, the columns that are sent or ROW_LIMIT are others now.`);
      return undefined;
    } catch (error) {
      if (!(error instanceof CheckpointError)) throw error;
      log.warn(`${error.message} A new run begins.`);
      return undefined;
    }
  }

  /** Registers a message that needs `parts` confirms; call the returned function once per confirm. */
  expect(mark: Mark, parts: number): () => void {
    return this.#confirmed.expect(mark, parts);
  }

  /** Saves the confirmed position. A failing disk does not stop the run: rows are then sent again and recognised by their ids. */
  save(finished: boolean): void {
    const { path, signature, log } = this.#options;
    const mark = this.#confirmed.mark ?? this.start;
    if (path === undefined || (!finished && mark === this.#saved)) return;
    try {
      writeCheckpoint(path, { run: this.run, signature, ...mark, finished });
      this.#saved = mark;
      if (this.#failing) log.info("The checkpoint can be written again.");
      this.#failing = false;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (!this.#failing) log.error(`The checkpoint ${path} cannot be written (${reason}): after a restart rows would be sent again.`);
      this.#failing = true;
    }
  }
}
