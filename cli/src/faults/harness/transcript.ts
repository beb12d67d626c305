/** What the processes of one case said, in one order, with the time since it began. */
export class Transcript {
  readonly #began = performance.now();
  readonly #lines: string[] = [];
  #dropped = 0;

  note(who: string, line: string): void {
    const seconds = ((performance.now() - this.#began) / 1000).toFixed(2).padStart(7);
    this.#lines.push(`${seconds} ${who.padEnd(9)} ${line}`);
    if (this.#lines.length <= KEPT_LINES) return;
    this.#lines.shift();
    this.#dropped += 1;
  }

  get text(): string {
    const before = this.#dropped === 0 ? "" : `(${this.#dropped} earlier lines are left out)\n`;
    return before + this.#lines.join("\n");
  }
}

const KEPT_LINES = 400;
