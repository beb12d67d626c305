import { BinCounts, CodeLayout, HourCounts, SPREAD_MS, spreadOver, type MonitoredReference, type PredictedBins } from "@streamgauge/core";
import { lengthOf, startOf } from "@streamgauge/core/windows";
import type { DriftFigures } from "../alerting/lane-figures.js";
import type { Monitor } from "./monitor.js";

const HOUR_MS = lengthOf("1h");

/** Figures that are younger are given again, in ms: 64 features take some milliseconds. */
const FRESH_MS = 5_000;

/** Predicted rows of one model version by the bins of all columns. */
export interface RowsByBins extends PredictedBins {
  /** How many hours they are of. */
  readonly hours: number;
  /** The text of their layout. */
  readonly layout: string;
}

/** Keeps answers while no window changes, and for five seconds after. */
class FreshAnswers<T> {
  readonly #monitor: Monitor;
  readonly #now: () => number;
  readonly #known = new Map<string, { readonly at: number; readonly changes: number; readonly answer: T }>();

  constructor(monitor: Monitor, now: () => number) {
    this.#monitor = monitor;
    this.#now = now;
  }

  /** @param find - its answer is kept unless it is undefined. */
  get(question: string, find: () => T | undefined): T | undefined {
    const [at, { changes }] = [this.#now(), this.#monitor.features];
    for (const [each, known] of this.#known)
      if (known.changes !== changes && (at >= known.at + FRESH_MS || at < known.at)) this.#known.delete(each);
    const answer = this.#known.get(question)?.answer ?? find();
    if (answer !== undefined && !this.#known.has(question)) this.#known.set(question, { at, changes, answer });
    return answer;
  }
}

interface FoundRows {
  readonly model: string;
  readonly counted: RowsByBins;
}

/** The drift of the latest hours of a lane. It is computed if it is asked for and a window has changed, at most every five seconds. */
export class LatestDrift {
  readonly #monitor: Monitor;
  readonly #rows: FreshAnswers<FoundRows>;
  readonly #figures: FreshAnswers<DriftFigures>;
  readonly #spreads: FreshAnswers<readonly number[]>;

  /** @param now - ms since 1970. */
  constructor(monitor: Monitor, now: () => number) {
    this.#monitor = monitor;
    this.#rows = new FreshAnswers(monitor, now);
    this.#figures = new FreshAnswers(monitor, now);
    this.#spreads = new FreshAnswers(monitor, now);
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
    const from = hoursFrom(watermark, windowMs);
    const found = Number.isFinite(watermark) ? this.#foundSince(from, model) : undefined;
    // A reference that is not known yet may come between two commits.
    return found && this.#figures.get(JSON.stringify([from, model]), () => this.driftOf([found.counted], found.model));
  }

  /** The predicted rows of a model version in the hours from one on, ms since 1970; undefined if there are none. At the same times as `over`. */
  since(from: number, model: string): RowsByBins | undefined {
    return this.#foundSince(from, model)?.counted;
  }

  /**
   * How far rows have moved from the reference of their layout: those of the first part, and of the others that have the same one. How hours differ by themselves is
   * taken from the rows of this monitor.
   *
   * @param model - their version. @returns undefined if there is no part, or the reference is not known.
   */
  driftOf(parts: readonly RowsByBins[], model: string): DriftFigures | undefined {
    const layout = CodeLayout.read(parts[0]?.layout ?? "");
    const reference = layout && this.#monitor.references.of(layout.reference);
    if (layout === undefined || reference === undefined || layout.width !== reference.columns.length) return undefined;
    const counts = new BinCounts(reference);
    const added = parts.filter((part) => part.layout === layout.text);
    for (const part of added) counts.addBins(part);
    const hours = Math.max(...added.map((part) => part.hours));
    const spreads = this.#spreads.get(JSON.stringify([layout.text, model]), () => this.#spreadsOf(reference, layout.text, model));
    const spread = spreads?.map((each) => spreadOver(each, hours));
    return { rows: counts.rows, features: counts.stabilities(reference, spread) };
  }

  #foundSince(from: number, model: string | undefined): FoundRows | undefined {
    return this.#rows.get(JSON.stringify([from, model]), () => this.#find(from, model));
  }

  #find(from: number, asked: string | undefined): FoundRows | undefined {
    const { features } = this.#monitor;
    const keys = features.keys(from, Infinity);
    const latest = keys.findLast((key) => asked === undefined || features.modelOf(key) === asked);
    const layout = latest && features.layoutOf(latest);
    if (latest === undefined || layout === undefined) return undefined;
    const bins = new Float64Array(layout.columns.reduce((sum, column) => sum + column.bins, 0));
    let [rows, hours] = [0, 0];
    for (const key of keys) {
      if (key[1] !== latest[1] || key[2] !== latest[2]) continue;
      const predicted = features.predicted(key);
      rows += predicted?.rows ?? 0;
      hours += (predicted?.rows ?? 0) > 0 ? 1 : 0;
      for (const [bin, count] of predicted?.bins.entries() ?? []) bins[bin] = (bins[bin] ?? 0) + count;
    }
    return { model: features.modelOf(latest), counted: { layout: layout.text, hours, rows, bins } };
  }

  #spreadsOf(reference: MonitoredReference, layout: string, model: string): readonly number[] {
    const { features, windows } = this.#monitor;
    const hours = new HourCounts(reference);
    // A version that is no longer the latest has earlier hours.
    const isOf = (key: ReturnType<typeof features.keys>[number]) =>
      features.modelOf(key) === model && features.layoutOf(key)?.text === layout;
    const last = features.keys().findLast(isOf)?.[0] ?? windows.watermark;
    for (const key of features.keys(last + HOUR_MS - SPREAD_MS, Infinity).filter(isOf)) {
      const predicted = features.predicted(key);
      if (predicted !== undefined) hours.addBins(key[0], predicted);
    }
    return hours.spreads();
  }
}

/** Where the hours of the last `windowMs` begin, ms since 1970: the last one is that of the latest event. @param windowMs - whole hours. */
export function hoursFrom(watermark: number, windowMs: number): number {
  return startOf(watermark, HOUR_MS) + HOUR_MS - windowMs;
}
