import type { MonitoredReference } from "@streamgauge/core";
import type { FeatureTables } from "../state/feature-tables.js";

/** The references that models announce: what their rows are compared with. */
export class KnownReferences {
  readonly #tables: FeatureTables;
  /** Those that are not stored yet. */
  readonly #learnt = new Map<string, MonitoredReference>();

  constructor(tables: FeatureTables) {
    this.#tables = tables;
  }

  /** The reference with a hash, if it is known. */
  of(hash: string): MonitoredReference | undefined {
    return this.#learnt.get(hash) ?? this.#tables.reference(hash);
  }

  /** Takes one; the next commit stores it. @returns false if it was known. */
  learn(reference: MonitoredReference): boolean {
    if (this.#learnt.has(reference.hash) || this.#tables.hasReference(reference.hash)) return false;
    this.#learnt.set(reference.hash, reference);
    return true;
  }

  /** Within a commit. */
  store(): void {
    for (const reference of this.#learnt.values()) this.#tables.putReference(reference);
    this.#learnt.clear();
  }
}
