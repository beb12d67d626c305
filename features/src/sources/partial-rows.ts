import { createHash } from "node:crypto";
import type { Cell } from "@streamgauge/core";

/** A row with the fields of all sources. */
export interface FullRow {
  /** Derived from the key and the values: the same row has the same id, also after a restart. */
  readonly id: string;
  readonly values: readonly Cell[];
}

interface Known {
  readonly values: (Cell | undefined)[];
  missing: number;
  /** The id that was sent last. */
  sent: string;
}

/** The longest key that leaves room for the rest of an id. */
export const MAX_KEY_CHARACTERS = 96;

/** Joins the fields of several sources by key. Pure: the caller decides what is sent and when. */
export class PartialRows {
  readonly #features: readonly string[];
  readonly #positions: ReadonlyMap<string, number>;
  readonly #most: number;
  readonly #rows = new Map<string, Known>();
  /** Rows evicted because there were too many, least recently updated first. */
  forgotten = 0;
  /** Rows that still wait for a field. */
  partial = 0;

  /** @param features - all features of a row, in order. @param most - rows that are kept. */
  constructor(features: readonly string[], most: number) {
    this.#features = features;
    this.#positions = new Map(features.map((name, i) => [name, i]));
    this.#most = most;
  }

  /** Rows that are kept. */
  get size(): number {
    return this.#rows.size;
  }

  /** Adds features to a row. @returns the row if it is complete and has changed since it was last returned. */
  add(key: string, fields: Iterable<readonly [feature: string, value: Cell]>): FullRow | undefined {
    const known = this.#rows.get(key) ?? this.#begin();
    // Keeps the map in order of last update.
    this.#rows.delete(key);
    this.#rows.set(key, known);
    const missing = known.missing;
    for (const [feature, value] of fields) {
      const at = this.#positions.get(feature);
      if (at === undefined) continue;
      if (known.values[at] === undefined) known.missing -= 1;
      known.values[at] = value;
    }
    if (missing > 0 && known.missing === 0) this.partial -= 1;
    this.#forget();
    if (known.missing > 0) return undefined;
    const values = known.values.map((value) => value ?? null);
    const id = `${key}@${createHash("sha256").update(JSON.stringify(values)).digest("base64url").slice(0, 16)}`;
    if (id === known.sent) return undefined;
    known.sent = id;
    return { id, values };
  }

  #begin(): Known {
    this.partial += 1;
    return { values: this.#features.map(() => undefined), missing: this.#features.length, sent: "" };
  }

  #forget(): void {
    for (const [key, { missing }] of this.#rows) {
      if (this.#rows.size <= this.#most) return;
      this.#rows.delete(key);
      this.forgotten += 1;
      if (missing > 0) this.partial -= 1;
    }
  }
}
