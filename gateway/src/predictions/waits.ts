/** Waits of requests, which end when they took long enough, or when the gateway ends. */
export class Waits {
  readonly #ends = new Set<() => void>();
  #areEnded = false;

  /** Whether nothing is waited for any more. */
  get areEnded(): boolean {
    return this.#areEnded;
  }

  /** What is promised; undefined if that takes longer, or if waits end before. @param ms - at most. */
  async within<T>(ms: number, promised: Promise<T>): Promise<T | undefined> {
    if (ms <= 0 || this.#areEnded) return undefined;
    let end: () => void = () => undefined;
    const ended = new Promise<undefined>((resolve) => (end = () => resolve(undefined)));
    const timer = setTimeout(end, ms);
    this.#ends.add(end);
    try {
      return await Promise.race([promised, ended]);
    } finally {
      clearTimeout(timer);
      this.#ends.delete(end);
    }
  }

  /** Ends all waits, and those to come. */
  end(): void {
    this.#areEnded = true;
    for (const end of this.#ends) end();
  }
}
