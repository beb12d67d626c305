import { LogTail, type LogBatch } from "./log-tail.js";

/** What to say of a part of a log that was deleted, to those who read its lines. */
export function missingPart(path: string): string {
  return `${path} is missing: its lines do not count here. If they are to, restore it from a backup and start this again.`;
}

/** Reads the logs of all partitions of a lane as one, each from where the last reading stopped. See `LogTail`. */
export class LaneTail {
  readonly #tails: readonly LogTail[];
  readonly #onMissing: (path: string) => void;
  readonly #missing = new Set<string>();
  /** Which log is read now. */
  #at = 0;

  /** @param onMissing - called once with the path of each part of a log whose lines are missing, because it was deleted. */
  constructor(paths: readonly string[], onMissing: (path: string) => void = () => undefined) {
    this.#tails = paths.map((path) => new LogTail(path));
    this.#onMissing = onMissing;
  }

  /**
   * @returns the next lines of one of the logs, at most a chunk; undefined if there is nothing new in any. `startedOver`: one of them was
   * replaced, and all are read again from their start. `reachedEnd`: all were read to their end. One call at a time.
   * @throws LogUnreadableError when a log exists and cannot be read; call again when it can.
   */
  async next(): Promise<LogBatch | undefined> {
    for (let looked = 0; looked < this.#tails.length; looked += 1) {
      const batch = await this.#tails[this.#at]?.next();
      for (const path of batch?.missing ?? []) this.#miss(path);
      if (batch?.startedOver === true) return this.#startOver(batch);
      if (batch !== undefined && !batch.reachedEnd) return batch;
      const isLast = this.#at === this.#tails.length - 1;
      this.#at = isLast ? 0 : this.#at + 1;
      if (batch !== undefined) return { ...batch, reachedEnd: isLast };
    }
    return undefined;
  }

  #miss(path: string): void {
    if (!this.#missing.has(path)) this.#onMissing(path);
    this.#missing.add(path);
  }

  /** @param batch - the first of the log that was replaced. */
  #startOver(batch: LogBatch): LogBatch {
    for (const [i, tail] of this.#tails.entries()) if (i !== this.#at) tail.rewind();
    this.#at = 0;
    return { ...batch, reachedEnd: this.#tails.length === 1 && batch.reachedEnd };
  }

  /** Reads all from the start again. */
  rewind(): void {
    for (const tail of this.#tails) tail.rewind();
    this.#at = 0;
  }
}
