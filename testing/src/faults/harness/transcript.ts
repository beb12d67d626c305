/** The output of all processes of one case in one order, with the time since it began. Repeated lines appear once. */
export class Transcript {
  readonly #began = performance.now();
  readonly #lines: { readonly text: string; readonly essence: string; again: number }[] = [];
  #dropped = 0;

  note(who: string, line: string): void {
    const essence = `${who} ${line.replace(/^\[[\d:.]+\] /, "")}`;
    const last = this.#lines.at(-1);
    if (last?.essence === essence) {
      last.again += 1;
      return;
    }
    const seconds = ((performance.now() - this.#began) / 1000).toFixed(2).padStart(7);
    this.#lines.push({ text: `${seconds} ${who.padEnd(9)} ${line}`, essence, again: 0 });
    if (this.#lines.length <= KEPT_LINES) return;
    this.#lines.shift();
    this.#dropped += 1;
  }

  get text(): string {
    const before = this.#dropped === 0 ? "" : `(${this.#dropped} earlier lines are left out)\n`;
    return before + this.#lines.map(({ text, again }) => (again === 0 ? text : `${text} (and ${again} times more)`)).join("\n");
  }
}

const KEPT_LINES = 400;
