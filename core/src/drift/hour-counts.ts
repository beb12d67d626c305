import { BinCounts } from "./bin-counts.js";
import { comparedBins } from "./compared-bins.js";
import { hourSpread, spreadOver } from "./hour-spread.js";
import type { MonitoredReference } from "./monitored-reference.js";
import type { PredictedBins } from "./predicted-bins.js";
import type { SavedFeatureWindow } from "./saved-feature-window.js";

/** An hour with rows. */
export interface CountedHour {
  /** Where it begins, ms since 1970. */
  readonly start: number;
  readonly counts: BinCounts;
}

/** Rows by bin in each hour, which are compared with one reference. */
export class HourCounts {
  readonly #reference: MonitoredReference;
  /** By where each begins. */
  readonly #hours = new Map<number, BinCounts>();

  constructor(reference: MonitoredReference) {
    this.#reference = reference;
  }

  /** Adds an hour, or the part of it that is in one partition. */
  add(window: Pick<SavedFeatureWindow, "start" | "predicted" | "columns">): void {
    this.#at(window.start).add(window);
  }

  /** The same from all bins of the hour. @param start - ms since 1970. */
  addBins(start: number, bins: PredictedBins): void {
    this.#at(start).addBins(bins);
  }

  #at(start: number): BinCounts {
    const counts = this.#hours.get(start) ?? new BinCounts(this.#reference);
    this.#hours.set(start, counts);
    return counts;
  }

  /** Those with rows that begin in `from` or later, ascending. @param from - ms since 1970. */
  since(from: number): CountedHour[] {
    return Array.from(this.#hours, ([start, counts]) => ({ start, counts }))
      .filter(({ start, counts }) => start >= from && counts.rows > 0)
      .toSorted((one, other) => one.start - other.start);
  }

  /** How far hours of the last week are from those around them; see `hourSpread`. @returns shape [columns]. */
  spreads(): readonly number[] {
    const hours = this.since(-Infinity);
    return this.#reference.columns.map(({ reference }, column) => {
      const ofColumn = hours.map(({ start, counts }) => ({ start, counts: counts.counts[column] ?? new Float64Array(0) }));
      return hourSpread(ofColumn, comparedBins(reference));
    });
  }
}

/** The rows of hours together, and how far such hours differ by themselves. */
export interface JoinedHours {
  readonly counts: BinCounts;
  /** Shape [columns]. */
  readonly spread: readonly number[];
}

/** @param spreads - see `HourCounts.spreads`. */
export function joinedHours(reference: MonitoredReference, hours: readonly CountedHour[], spreads: readonly number[]): JoinedHours {
  const counts = new BinCounts(reference);
  for (const hour of hours) counts.merge(hour.counts);
  return { counts, spread: spreads.map((spread) => spreadOver(spread, hours.length)) };
}
