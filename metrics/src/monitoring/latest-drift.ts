import { BinCounts, CodeLayout, type PredictedBins } from "@streamgauge/core";
import { lengthOf, startOf } from "@streamgauge/core/windows";
import type { DriftFigures } from "../alerting/lane-figures.js";
import type { Monitor } from "./monitor.js";

const HOUR_MS = lengthOf("1h");

/** Figures that are younger are given again, in ms: 64 features take some milliseconds. */
const FRESH_MS = 5_000;

/** Predicted rows of one model version by the bins of all columns. */
export interface RowsByBins extends PredictedBins {
  /** The text of their layout. */
  readonly layout: string;
}

interface KnownRows {
  /** When they were counted, ms since 1970. */
  readonly at: number;
  /** The changes of windows until then. */
  readonly changes: number;
  readonly counted: RowsByBins;
  figures: DriftFigures | undefined;
}

/** The drift of the latest hours of a lane. It is computed if it is asked for and a window has changed, at most every five seconds. */
export class LatestDrift {
  readonly #monitor: Monitor;
  readonly #now: () => number;
  readonly #known = new Map<string, KnownRows>();

  /** @param now - ms since 1970. */
  constructor(monitor: Monitor, now: () => number) {
    this.#monitor = monitor;
    this.#now = now;
  }

  /**
   * How far features and predictions have moved from the reference of a model version, over the hours of event time of the last `windowMs`: the
   * last one is that of the latest event. Between commits, or at the end of one.
   *
   * @param windowMs - whole hours. @param model - undefined: the version of the latest hour.
   * @returns undefined if there are no rows with bins of their features, or the reference is not known.
   */
  over(windowMs: number, model: string | undefined): DriftFigures | undefined {
    const { watermark } = this.#monitor.windows;
    const known = Number.isFinite(watermark) ? this.#knownSince(hoursFrom(watermark, windowMs), model) : undefined;
    // A reference that is not known yet may come between two commits.
    if (known !== undefined) known.figures ??= this.driftOf([known.counted]);
    return known?.figures;
  }

  /** The predicted rows of a model version in the hours from one on, ms since 1970; undefined if there are none. At the same times as `over`. */
  since(from: number, model: string): RowsByBins | undefined {
    return this.#knownSince(from, model)?.counted;
  }

  /**
   * How far rows have moved from the reference of their layout: those of the first part, and of the others that have the same one.
   *
   * @returns undefined if there is no part, or the reference is not known.
   */
  driftOf(parts: readonly RowsByBins[]): DriftFigures | undefined {
    const layout = CodeLayout.read(parts[0]?.layout ?? "");
    const reference = layout && this.#monitor.references.of(layout.reference);
    if (layout === undefined || reference === undefined || layout.width !== reference.columns.length) return undefined;
    const counts = new BinCounts(reference);
    for (const part of parts) if (part.layout === layout.text) counts.addBins(part);
    return { rows: counts.rows, features: counts.stabilities(reference) };
  }

  #knownSince(from: number, model: string | undefined): KnownRows | undefined {
    const [at, { changes }] = [this.#now(), this.#monitor.features];
    for (const [question, known] of this.#known)
      if (known.changes !== changes && (at >= known.at + FRESH_MS || at < known.at)) this.#known.delete(question);
    const question = JSON.stringify([from, model]);
    const known = this.#known.get(question);
    const counted = known?.counted ?? this.#count(from, model);
    if (known !== undefined || counted === undefined) return known;
    const found = { at, changes, counted, figures: undefined };
    this.#known.set(question, found);
    return found;
  }

  #count(from: number, asked: string | undefined): RowsByBins | undefined {
    const { features } = this.#monitor;
    const keys = features.keys(from, Infinity);
    const latest = keys.findLast((key) => asked === undefined || features.modelOf(key) === asked);
    const layout = latest && features.layoutOf(latest);
    if (latest === undefined || layout === undefined) return undefined;
    const bins = new Float64Array(layout.columns.reduce((sum, column) => sum + column.bins, 0));
    let rows = 0;
    for (const key of keys) {
      if (key[1] !== latest[1] || key[2] !== latest[2]) continue;
      const predicted = features.predicted(key);
      rows += predicted?.rows ?? 0;
      for (const [bin, count] of predicted?.bins.entries() ?? []) bins[bin] = (bins[bin] ?? 0) + count;
    }
    return { layout: layout.text, rows, bins };
  }
}

/** Where the hours of the last `windowMs` begin, ms since 1970: the last one is that of the latest event. @param windowMs - whole hours. */
export function hoursFrom(watermark: number, windowMs: number): number {
  return startOf(watermark, HOUR_MS) + HOUR_MS - windowMs;
}
