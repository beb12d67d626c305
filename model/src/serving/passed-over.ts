import type { Logger } from "@streamgauge/core";
import type { Scorer } from "../session/scorer.js";

/** At most this many sets of columns are logged: a sender may make up names without end. */
const MOST_SAID = 20;
const MOST_CHARACTERS = 300;

/** Says which columns of the rows a model does not take, once for each set of them. */
export class PassedOver {
  readonly #log: Logger;
  readonly #said = new Set<string>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** @param names - columns of a message that the model does not take. */
  note(names: readonly string[], { label, features }: Pick<Scorer, "label" | "features">): void {
    if (names.length === 0 || this.#said.size >= MOST_SAID) return;
    const listed = names.join(", ").slice(0, MOST_CHARACTERS);
    if (this.#said.size === this.#said.add(listed).size) return;
    this.#log.warn(
      `Columns that model ${label} does not take are passed over: ${listed}. It takes ${features.join(", ").slice(0, MOST_CHARACTERS)}.`,
    );
  }
}
