import { BinCounts, type CodeLayout, type MonitoredReference } from "@streamgauge/core";
import { lengthOf, startOf } from "@streamgauge/core/windows";
import type { DriftFigures } from "../alerting/lane-figures.js";
import type { FeatureWindowKey } from "../state/feature-tables.js";
import type { Monitor } from "./monitor.js";

const HOUR_MS = lengthOf("1h");

/** Figures that are younger are given again, in ms: 64 features take some milliseconds. */
const FRESH_MS = 5_000;

interface KnownFigures {
  /** When they were computed, ms since 1970. */
  readonly at: number;
  /** The changes of windows until then. */
  readonly changes: number;
  readonly figures: DriftFigures;
}

/** The drift of the latest hours of a lane. It is computed if it is asked for and a window has changed, at most every five seconds. */
export class LatestDrift {
  readonly #monitor: Monitor;
  readonly #now: () => number;
  readonly #known = new Map<string, KnownFigures>();

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
    const [at, { changes }] = [this.#now(), this.#monitor.features];
    for (const [question, known] of this.#known)
      if (known.changes !== changes && (at >= known.at + FRESH_MS || at < known.at)) this.#known.delete(question);
    const question = JSON.stringify([windowMs, model]);
    const figures = this.#known.get(question)?.figures ?? this.#figures(windowMs, model);
    // A reference that is not known yet may come between two commits.
    if (figures !== undefined && !this.#known.has(question)) this.#known.set(question, { at, changes, figures });
    return figures;
  }

  #figures(windowMs: number, asked: string | undefined): DriftFigures | undefined {
    const { features, windows } = this.#monitor;
    if (!Number.isFinite(windows.watermark)) return undefined;
    const keys = features.keys(startOf(windows.watermark, HOUR_MS) + HOUR_MS - windowMs, Infinity);
    const latest = keys.findLast((key) => asked === undefined || features.modelOf(key) === asked);
    const layout = latest && features.layoutOf(latest);
    const reference = layout && this.#monitor.references.of(layout.reference);
    if (latest === undefined || layout === undefined || reference === undefined) return undefined;
    return this.#compared(
      keys.filter(([, model, ofLayout]) => model === latest[1] && ofLayout === latest[2]),
      layout,
      reference,
    );
  }

  #compared(keys: readonly FeatureWindowKey[], layout: CodeLayout, reference: MonitoredReference): DriftFigures | undefined {
    if (layout.width !== reference.columns.length) return undefined;
    const counts = new BinCounts(reference);
    for (const key of keys) counts.addBins(this.#monitor.features.predicted(key) ?? { rows: 0, bins: new Float64Array(0) });
    return { rows: counts.rows, features: counts.stabilities(reference) };
  }
}
