import type { Logger } from "@streamgauge/core";

/** The least time between two warnings, in ms. */
const EVERY_MS = 10_000;

/** Rows whose event time is out of the ordinary. */
export interface OddCounts {
  readonly future: number;
  readonly old: number;
}

/** Warns of rows whose event time is in the future or older than what is kept, at most every ten seconds. */
export class OddTimes {
  readonly #log: Logger;
  #said: OddCounts | undefined;
  #saidAt = -Infinity;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** @param counts - since the state was made. @param newest - the latest event time, ms since 1970. @param now - by a steady clock, ms. */
  onCommit(counts: OddCounts, newest: number, now: number): void {
    const said = (this.#said ??= counts);
    const [future, old] = [counts.future - said.future, counts.old - said.old];
    if ((future === 0 && old === 0) || now < this.#saidAt + EVERY_MS) return;
    this.#said = counts;
    this.#saidAt = now;
    if (future > 0)
      this.#log.warn(
        `Predictions of rows in the future, by their event times: ${future}. They are in windows of that time: check the clock and the unit (ms since 1970) of their sender.`,
      );
    if (old > 0)
      this.#log.warn(
        `Predictions of rows more than a day older than the newest, by their event times: ${old}. The newest is of ${new Date(newest).toISOString()}; minutes more than a day ` +
          "before it are not kept, hours are for 90 days, days for ever. A row that was sent without an event time counts as of now, and times in seconds in place of ms are days of January 1970.",
      );
  }
}
