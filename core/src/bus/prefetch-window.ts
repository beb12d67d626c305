/** What a consumer may have in flight, in bytes: dozens of the largest usual frames. */
const WINDOW_BYTES = 32 * 1024 * 1024;
/** Large messages are still fetched ahead, so that the reader does not wait for each. */
const LEAST = 8;
/** The first message of a link, and each that may be what kills its readers: messages in flight beside such a one come back as often as it does. */
const ALONE = 1;
/** What may be in flight until sizes are known. */
const FIRST = 64;
/** Messages between two reviews of the prefetch. */
const SETTLE = 16;

/**
 * Which prefetch keeps the messages in flight within 32 MiB, and those that may be what kills their readers apart. AMQP counts messages, and
 * their sizes differ by a factor of ten thousand: a thousand one-row messages are 200 kB, a thousand frames of 8,192 rows would be 800 MB.
 */
export class PrefetchWindow {
  readonly #most: number;
  #current: number;
  #suspicious = true;
  #mean = 0;
  #seen = 0;

  /** @param most - the prefetch for small messages. */
  constructor(most: number) {
    this.#most = most;
    this.#current = most <= LEAST ? most : ALONE;
  }

  /** The prefetch to consume with. */
  get current(): number {
    return this.#current;
  }

  /** Notes the size of a message, and whether it came back suspiciously often. */
  note(bytes: number, suspicious: boolean): void {
    this.#suspicious = suspicious;
    this.#mean = this.#mean === 0 ? bytes : this.#mean + (bytes - this.#mean) / SETTLE;
    this.#seen += 1;
  }

  /** What `current` should be: another number only if that differs by a factor of two or more, since a change costs two calls to the broker. */
  get wanted(): number {
    if (this.#current === ALONE && this.#most > LEAST) return this.#suspicious ? ALONE : Math.min(this.#most, FIRST);
    if (this.#seen < SETTLE) return this.#current;
    const fitting = Math.min(this.#most, Math.max(LEAST, Math.floor(WINDOW_BYTES / Math.max(1, this.#mean))));
    return fitting > this.#current / 2 && fitting < this.#current * 2 ? this.#current : fitting;
  }

  /** Makes `current` what is wanted. */
  change(): void {
    this.#current = this.wanted;
    this.#seen = 0;
  }
}
