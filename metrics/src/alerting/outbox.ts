import type { Alert } from "@streamgauge/core";

/** An alert that the broker has not confirmed. Sequences ascend. */
export interface OutboxEntry {
  readonly sequence: number;
  readonly alert: Alert;
}

/** What is saved of an outbox. */
export interface SavedOutbox {
  /** The number of the next entry. */
  readonly next: number;
  readonly entries: readonly OutboxEntry[];
  /** Alerts that were left out since the broker took the last one. */
  readonly dropped: number;
}

/** The most alerts that wait for the broker. */
export const MAX_OUTBOX = 1_000;

/** The alerts on their way to the broker, in order. They leave it by a commit after the confirm, so each is sent at least once. */
export class Outbox {
  #next: number;
  #entries: readonly OutboxEntry[];
  #dropped: number;

  constructor(saved: SavedOutbox = { next: 1, entries: [], dropped: 0 }) {
    this.#next = saved.next;
    this.#entries = saved.entries;
    this.#dropped = saved.dropped;
  }

  get entries(): readonly OutboxEntry[] {
    return this.#entries;
  }

  /** Alerts that were left out since it was last empty. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Adds an alert. If there are too many, the oldest is left out and counted. */
  add(alert: Alert): void {
    const entries = [...this.#entries, { sequence: this.#next, alert }];
    this.#next += 1;
    const excess = Math.max(0, entries.length - MAX_OUTBOX);
    this.#entries = entries.slice(excess);
    this.#dropped += excess;
  }

  /** Removes what the broker has confirmed. */
  remove(sequences: ReadonlySet<number>): void {
    this.#entries = this.#entries.filter(({ sequence }) => !sequences.has(sequence));
    if (this.#entries.length === 0) this.#dropped = 0;
  }

  save(): SavedOutbox {
    return { next: this.#next, entries: this.#entries, dropped: this.#dropped };
  }
}
