import { element } from "./dom.js";
import type { Tile } from "./tiles.js";

/** Tiles for a list of terms. */
export function tileElements(tiles: readonly Tile[]): HTMLElement[] {
  return tiles.map(({ title, value, note, tone }) => {
    const tile = element("div", { className: "tile" }, [
      element("dt", { textContent: title }),
      element("dd", { className: "value", textContent: value }),
      element("dd", { className: "note", textContent: note }),
    ]);
    tile.dataset["tone"] = tone;
    return tile;
  });
}
