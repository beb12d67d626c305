import { onLookChange } from "../look.js";

/** What is drawn: nothing if there is nothing to draw. */
export interface Drawn {
  /** Differs if the drawing would. */
  readonly key: string;
  /** @param width - in pixels, as it is shown. */
  draw(width: number): SVGSVGElement | undefined;
}

/** A drawing that is as wide as its place, whatever its width is. */
export class Drawing {
  readonly #place: HTMLElement;
  #content: Drawn | undefined;
  #drawn = "";

  constructor(place: HTMLElement) {
    this.#place = place;
    new ResizeObserver(() => this.#draw()).observe(place);
    onLookChange(() => this.#draw());
  }

  show(content: Drawn): void {
    this.#content = content;
    this.#draw();
  }

  /** Draws only what has changed: the pointer may rest on it. */
  #draw(): void {
    const width = this.#place.clientWidth;
    const drawn = `${width} ${this.#content?.key}`;
    if (this.#content === undefined || drawn === this.#drawn) return;
    this.#drawn = drawn;
    const drawing = width === 0 ? undefined : this.#content.draw(width);
    this.#place.replaceChildren(...(drawing === undefined ? [] : [drawing]));
  }
}
