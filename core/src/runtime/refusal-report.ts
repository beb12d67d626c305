import { describeRefusals, type Refusal } from "../refusal.js";
import type { Logger } from "../logging.js";

/** Between two lines of the log. */
const PAUSE_MS = 10_000;
const MAX_REASON = 400;

/** Tells the user of refused rows, now and then: each is in the dead letters with its reasons. */
export class RefusalReport {
  readonly #log: Logger;
  readonly #whereTo: string;
  #untold = 0;
  #nextAt = -Infinity;

  /** @param whereTo - what becomes of refused rows, as the rest of a clause. */
  constructor(log: Logger, whereTo = "to the dead letters") {
    this.#log = log;
    this.#whereTo = whereTo;
  }

  /** Notes refused rows. @param now - ms, of a clock that only goes forward. */
  add(rows: number, refusals: readonly Refusal[], now: number): void {
    this.#untold += rows;
    if (now < this.#nextAt) return;
    this.#nextAt = now + PAUSE_MS;
    const reasons = describeRefusals(refusals);
    const cut = reasons.length > MAX_REASON ? `${reasons.slice(0, MAX_REASON)}…` : reasons;
    this.#log.warn(`${counted(this.#untold)} refused, ${this.#whereTo}: ${cut}`);
    this.#untold = 0;
  }

  /** Logs those that were not logged yet. */
  close(): void {
    if (this.#untold > 0) this.#log.warn(`${counted(this.#untold)} more refused, ${this.#whereTo}.`);
    this.#untold = 0;
  }
}

function counted(rows: number): string {
  return rows === 1 ? "1 row" : `${rows.toLocaleString("en")} rows`;
}
