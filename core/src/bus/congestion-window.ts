import { BackOff } from "./back-off.js";

/** Pauses after a refusal, ms: the reader of a full queue frees room within some of them. */
const PAUSE = { first: 20, most: 500 };

/**
 * How much goes out at once to one address. A broker refuses what does not fit into a full queue, and each refused message
 * crossed the network in vain, so that senders who simply try again cost as much as the work that they wait for.
 *
 * As TCP does it (RFC 5681, congestion avoidance): there is no limit until the first refusal; a refusal halves what may be
 * in flight and pauses all senders; each window of confirmed messages lets one more out. Senders go in the order of arrival.
 */
export class CongestionWindow {
  readonly #backOff = new BackOff(PAUSE.first, PAUSE.most);
  /** Refused messages, and those that were never sent: the former go first. */
  readonly #again: (() => void)[] = [];
  readonly #waiting: (() => void)[] = [];
  #limit = Infinity;
  #underWay = 0;
  #sent = 0;
  /** What was sent up to here was under way at the last refusal; that it is refused as well is nothing new. */
  #lastOfBurst = 0;
  #pause: NodeJS.Timeout | undefined;

  /** Whether a message may go out now. */
  get isOpen(): boolean {
    return this.#pause === undefined && this.#underWay + 1 <= this.#limit && this.#again.length + this.#waiting.length === 0;
  }

  /** The message's number, if it may go out now; otherwise a promise of it, for when it may. There must be one `leave` for it. */
  enter(): number | Promise<number> {
    if (!this.isOpen) return new Promise<void>((resolve) => this.#waiting.push(resolve)).then(() => ++this.#sent);
    this.#underWay += 1;
    return ++this.#sent;
  }

  /** A message was confirmed, or given up. */
  leave(): void {
    this.#underWay -= 1;
    this.#limit += 1 / this.#limit;
    this.#backOff.reset();
    this.#admit();
  }

  /** The queue had no room for message `number`, which stays the first in line: resolves with its new number. */
  async refused(number: number): Promise<number> {
    this.#underWay -= 1;
    if (number > this.#lastOfBurst) {
      this.#lastOfBurst = this.#sent;
      this.#limit = Math.max(1, Math.floor(Math.min(this.#limit, this.#underWay + 1) / 2));
      clearTimeout(this.#pause);
      this.#pause = setTimeout(() => {
        this.#pause = undefined;
        this.#admit();
      }, this.#backOff.next());
    }
    await new Promise<void>((resolve) => {
      this.#again.push(resolve);
      this.#admit();
    });
    this.#sent += 1;
    return this.#sent;
  }

  /** Lifts the limit for good and admits all who wait. */
  release(): void {
    clearTimeout(this.#pause);
    this.#pause = undefined;
    this.#limit = Infinity;
    this.#admit();
  }

  #admit(): void {
    while (this.#pause === undefined && this.#underWay + 1 <= this.#limit) {
      const next = this.#again.shift() ?? this.#waiting.shift();
      if (next === undefined) return;
      this.#underWay += 1;
      next();
    }
  }
}
