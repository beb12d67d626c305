/** A timer cannot be set for longer than this; longer waits are made of several. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Holds things back for one and the same time, in order, with one timer for all of them. */
export class DelayQueue<T> {
  readonly #delayMs: number;
  readonly #release: (item: T) => void;
  readonly #waiting: { readonly item: T; readonly due: number }[] = [];
  /** Where the oldest stands; those before it are gone. */
  #head = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param release - called with each when its time has come, the oldest first. */
  constructor(delayMs: number, release: (item: T) => void) {
    this.#delayMs = delayMs;
    this.#release = release;
  }

  add(item: T): void {
    this.#waiting.push({ item, due: performance.now() + this.#delayMs });
    this.#timer ??= this.#wakeIn(this.#delayMs);
  }

  #wakeIn(ms: number): NodeJS.Timeout {
    return setTimeout(() => this.#wake(), Math.min(Math.max(1, Math.ceil(ms)), MAX_TIMER_MS));
  }

  #wake(): void {
    const now = performance.now();
    for (let next = this.#waiting[this.#head]; next !== undefined && next.due <= now; next = this.#waiting[this.#head]) {
      this.#head += 1;
      this.#release(next.item);
    }
    this.#compact();
    const next = this.#waiting[this.#head];
    this.#timer = next === undefined ? undefined : this.#wakeIn(next.due - now);
  }

  /** Taking each from the front of a long array would move all the others each time. */
  #compact(): void {
    if (this.#head * 2 < this.#waiting.length) return;
    this.#waiting.splice(0, this.#head);
    this.#head = 0;
  }

  /** Forgets what is held back. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting.length = 0;
    this.#head = 0;
  }
}
