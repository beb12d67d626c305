import type { Logger } from "@streamgauge/core";

/** The least time between two warnings, in ms. */
const EVERY_MS = 10_000;

/** Warns of corrections whose windows cannot be restated, at most every ten seconds. */
export class UnrestatedWarning {
  readonly #log: Logger;
  #said = 0;
  #saidAt = -Infinity;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** @param count - so far, which need not be said. */
  begin(count: number): void {
    this.#said = count;
  }

  /** @param count - so far. @param now - by a steady clock, ms. */
  onCommit(count: number, now: number): void {
    const more = count - this.#said;
    if (more === 0 || now < this.#saidAt + EVERY_MS) return;
    this.#said = count;
    this.#saidAt = now;
    this.#log.warn(
      `${more} corrections are of rows that were logged before there were windows, or whose records were lost: the overall figures are corrected, the windows of these rows are not.`,
    );
  }
}
