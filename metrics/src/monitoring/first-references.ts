import type { Reference } from "@streamgauge/core";
import type { FeatureTables } from "../state/feature-tables.js";

/** The frozen references of model versions that have none of their own: of each, the first that was proposed. */
export class FirstReferences {
  readonly #table: FeatureTables;
  /** By model version; the next commit stores them. */
  readonly #proposed = new Map<string, Reference>();
  #accepted: string[] = [];

  constructor(table: FeatureTables) {
    this.#table = table;
  }

  /** The frozen reference of a version, as it is committed; undefined if it has none. Between commits. */
  of(model: string): Reference | undefined {
    return this.#table.firstReference(model);
  }

  /** Takes a proposal if it is the first one of its version. @returns whether it is: then a commit must store it. */
  propose(model: string, reference: Reference): boolean {
    if (this.#proposed.has(model) || this.of(model) !== undefined) return false;
    this.#proposed.set(model, reference);
    return true;
  }

  /** Whether the next commit has something to store. */
  get isWaiting(): boolean {
    return this.#proposed.size > 0;
  }

  /** Within a commit. */
  store(): void {
    for (const [model, reference] of this.#proposed) this.#table.putFirstReference(model, reference);
    this.#accepted.push(...this.#proposed.keys());
    this.#proposed.clear();
  }

  /** The versions whose references were stored since the last call. After a commit. */
  takeAccepted(): readonly string[] {
    const accepted = this.#accepted;
    this.#accepted = [];
    return accepted;
  }
}
