import type { Logger } from "../logging.js";

/** ms in which the same words are counted. */
const GATHER_MS = 10_000;

/** Says a warning once, and what of it came again within ten seconds as one line: a full disk sends hundreds of messages a second back. */
export class RepeatedWarning {
  readonly #log: Logger;
  /** How often each came again since it was said. */
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
