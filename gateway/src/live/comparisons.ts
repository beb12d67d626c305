import type { ComparisonNotice } from "@streamgauge/core";
import type { ComparisonEvent } from "@streamgauge/core/windows";

/** Lanes that are kept: as many as LANES may name. */
const MOST_LANES = 8;
/** The service plot broadcasts a comparison every five seconds or more often; it may be busy with a drawing. */
const HEARD_MS = 20_000;

/** The latest comparison of each lane with the champion. */
export class Comparisons {
  readonly #heard = new Map<string, { readonly notice: ComparisonNotice; readonly at: number }>();

  /** @param at - now, in ms. */
  take(notice: ComparisonNotice, at: number): void {
    const { challenger } = notice;
    if (this.#heard.size >= MOST_LANES && !this.#heard.has(challenger)) this.#forgetOldest();
    this.#heard.set(challenger, { notice, at });
  }

  #forgetOldest(): void {
    const [oldest] = [...this.#heard].toSorted(([, one], [, other]) => one.at - other.at);
    if (oldest !== undefined) this.#heard.delete(oldest[0]);
  }

  /** @param at - now, in ms. */
  event(at: number): ComparisonEvent {
    const comparisons = [...this.#heard.values()].map(({ notice, at: heardAt }) => ({ ...notice, is_heard: at - heardAt < HEARD_MS }));
    return { comparisons: comparisons.toSorted((one, other) => one.challenger.localeCompare(other.challenger)) };
  }
}
