/** What a consumer may have in flight, in bytes: dozens of the largest usual frames. */
const WINDOW_BYTES = 32 * 1024 * 1024;
/** Large messages are still fetched ahead, so that the reader does not wait for each. */
const LEAST = 8;
/** The first message of a link: if it is what kills its readers, messages in flight beside it come back as often as it does. */
const ALONE = 1;
/** How many times as many suspicious messages as are in flight must come through before more are. */
const PROOF = 4;
/** What may be in flight until sizes are known. */
const FIRST = 64;
/** Messages between two reviews of the prefetch. */
const SETTLE = 16;

/**
 * Which prefetch keeps the messages in flight within 32 MiB, and finds the one that kills its readers. AMQP counts messages, and
 * their sizes differ by a factor of ten thousand: a thousand one-row messages are 200 kB, a thousand frames of 8,192 rows would be 800 MB.
 *
 * Of messages that came back suspiciously often a link begins with one, then has two in flight, four, and so on, each time when four times as
 * many came through. After a few quick kills all that were in flight are suspicious, and are through soon. One that does kill its reader is
 * at most a quarter as far from the front of the queue with each reader that it kills: among a thousand it is alone after five of them, and
 * what is in flight beside it comes back so often at most.
 */
export class PrefetchWindow {
  readonly #most: number;
  #current: number;
  /** Whether all messages of the link came back suspiciously often. */
  #isCautious: boolean;
  #mean = 0;
  #seen = 0;

  /** @param most - the prefetch for small messages. */
  constructor(most: number) {
    this.#most = most;
    this.#isCautious = most > LEAST;
    this.#current = this.#isCautious ? ALONE : most;
  }

  /** The prefetch to consume with. */
  get current(): number {
    return this.#current;
  }

  /** Notes the size of a message, and whether it came back suspiciously often. */
  note(bytes: number, suspicious: boolean): void {
    if (!suspicious) this.#isCautious = false;
    this.#mean = this.#mean === 0 ? bytes : this.#mean + (bytes - this.#mean) / SETTLE;
    this.#seen += 1;
  }

  /** What `current` should be: another number only if that differs by a factor of two or more, since a change costs two calls to the broker. */
  get wanted(): number {
    // With as many as may be in flight, each one more means that one is settled.
    if (this.#isCautious) return this.#seen > PROOF * this.#current ? Math.min(2 * this.#current, this.#fitting) : this.#current;
    if (this.#current === ALONE && this.#most > LEAST) return Math.min(this.#most, FIRST);
    if (this.#seen < SETTLE) return this.#current;
    const fitting = this.#fitting;
    return fitting > this.#current / 2 && fitting < this.#current * 2 ? this.#current : fitting;
  }

  /** What fits into 32 MiB. */
  get #fitting(): number {
    return Math.min(this.#most, Math.max(LEAST, Math.floor(WINDOW_BYTES / Math.max(1, this.#mean))));
  }

  /** Makes `current` what is wanted. */
  change(): void {
    this.#current = this.wanted;
    this.#seen = 0;
  }
}
