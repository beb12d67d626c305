import type { Logger } from "../logging.js";

/** Repeats within so many ms are counted, and logged as one line. */
const GATHER_MS = 10_000;

/** Logs a warning once, and its repeats within ten seconds as one line: a full disk returns hundreds of messages a second. */
export class RepeatedWarning {
  readonly #log: Logger;
  /** Repeats of each since it was logged. */
  readonly #again = new Map<string, number>();

  constructor(log: Logger) {
    this.#log = log;
  }

  warn(text: string): void {
    const again = this.#again.get(text);
    if (again !== undefined) {
      this.#again.set(text, again + 1);
      return;
    }
    this.#log.warn(text);
    this.#gather(text);
  }

  #gather(text: string): void {
    this.#again.set(text, 0);
    setTimeout(() => {
      const again = this.#again.get(text) ?? 0;
      this.#again.delete(text);
      if (again === 0) return;
      this.#log.warn(`${text} (${again} more times within ${GATHER_MS / 1000} s)`);
      this.#gather(text);
    }, GATHER_MS).unref();
  }
}
