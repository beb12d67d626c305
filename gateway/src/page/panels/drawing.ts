import { onLookChange } from "../look.js";
import { barsDrawing, type Bar, type BarsOptions } from "./bars.js";

/** Bars that are as wide as their place, whatever its width is. */
export class Drawing {
  readonly #place: HTMLElement;
  #bars: readonly Bar[] = [];
  #options: Omit<BarsOptions, "width"> | undefined;
  #drawn = "";

  constructor(place: HTMLElement) {
    this.#place = place;
    new ResizeObserver(() => this.#draw()).observe(place);
    onLookChange(() => this.#draw());
  }

  show(bars: readonly Bar[], options: Omit<BarsOptions, "width">): void {
    this.#bars = bars;
    this.#options = options;
    this.#draw();
  }

  /** Draws only what has changed: the pointer may rest on it. */
  #draw(): void {
    const width = this.#place.clientWidth;
    const drawing = JSON.stringify([width, this.#options?.label, this.#bars]);
    if (this.#options === undefined || drawing === this.#drawn) return;
    this.#drawn = drawing;
    this.#place.replaceChildren(...(this.#bars.length === 0 || width === 0 ? [] : [barsDrawing(this.#bars, { ...this.#options, width })]));
  }
}
