import { FEATURE_WINDOW_FORMAT, type SavedFeatureWindow } from "@streamgauge/core";
import type { FeatureWindowKey } from "../state/feature-tables.js";
import type { FeatureWindowTable } from "./feature-windows.js";

/** Windows of features that belong to no store: as texts, which take a tenth of the memory that they are counted in. */
export class CountedWindows implements FeatureWindowTable {
  readonly layouts: FeatureWindowTable["layouts"];
  readonly #windows = new Map<string, { readonly key: FeatureWindowKey; readonly text: Buffer }>();

  constructor(layouts: FeatureWindowTable["layouts"]) {
    this.layouts = layouts;
  }

  window(key: FeatureWindowKey): SavedFeatureWindow | undefined {
    const text = this.#windows.get(key.join(" "))?.text;
    return text === undefined ? undefined : FEATURE_WINDOW_FORMAT.read(text.toString("utf8"));
  }

  putWindow(key: FeatureWindowKey, window: SavedFeatureWindow): void {
    this.#windows.set(key.join(" "), { key, text: Buffer.from(FEATURE_WINDOW_FORMAT.write(window)) });
  }

  *windowKeys(from: number, to: number): Generator<FeatureWindowKey> {
    for (const { key } of this.#windows.values()) if (key[0] >= from && key[0] < to) yield key;
  }

  removeWindowsBefore(time: number): void {
    for (const [name, { key }] of this.#windows) if (key[0] < time) this.#windows.delete(name);
  }
}
