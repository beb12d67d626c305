/** The longest delay of a timer; longer waits use several. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Delays all items by the same time, in order, with a single timer. */
export class DelayQueue<T> {
  readonly #delayMs: number;
  readonly #release: (item: T) => void;
  readonly #waiting: { readonly item: T; readonly due: number }[] = [];
  /** Index of the oldest item; those before it are released. */
  #head = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param release - called with each item when it is due, oldest first. */
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

  /** Shifting a long array would move all other items each time. */
  #compact(): void {
    if (this.#head * 2 < this.#waiting.length) return;
    this.#waiting.splice(0, this.#head);
    this.#head = 0;
  }

  /** Discards all delayed items. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting.length = 0;
    this.#head = 0;
  }
}
