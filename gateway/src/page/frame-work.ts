/** How long a frame may work before the rest is left to the next one, in ms: half of a frame at 60 a second. */
const BUDGET_MS = 8;

/** Work for the next frames, a little in each, so that the page answers its user meanwhile. */
export class FrameWork {
  readonly #waiting = new Map<string, () => void>();
  #isDue = false;

  /** Does it soon; if it is asked for again before, only the latest counts. */
  ask(name: string, work: () => void): void {
    this.#waiting.set(name, work);
    if (this.#isDue) return;
    this.#isDue = true;
    requestAnimationFrame(() => this.#frame());
  }

  #frame(): void {
    this.#isDue = false;
    const end = performance.now() + BUDGET_MS;
    for (const [name, work] of this.#waiting) {
      this.#waiting.delete(name);
      work();
      if (performance.now() >= end) break;
    }
    const next = this.#waiting.entries().next();
    if (next.done !== true) this.ask(...next.value);
  }
}
