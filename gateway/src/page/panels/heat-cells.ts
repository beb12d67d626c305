import type { DriftOverTime } from "@streamgauge/core/windows";
import { count, counted, figure, moment } from "../format.js";

export type DriftFeature = DriftOverTime["features"][number];

/** Features that are shown unless all are asked for. */
const MOST_FEATURES = 20;

/** A cell: a feature, in one of the times or in all of them together. */
export interface Cell {
  /** Index of the feature in the drift. */
  readonly feature: number;
  /** Index of the time; −1: all of them. */
  readonly time: number;
}

/** Features in the order in which they are shown: those that moved most at any time first. */
export function shownFeatures({ features, times }: DriftOverTime, areAll: boolean): number[] {
  const most = features.map((_, feature) => Math.max(...times.map(({ psi }) => psi[feature] ?? 0)));
  const drifted = features.map((_, feature) => times.some((time) => time.drifted[feature] === true));
  const ranked = [...features.keys()].toSorted(
    (one, other) => Number(drifted[other]) - Number(drifted[one]) || (most[other] ?? 0) - (most[one] ?? 0),
  );
  return ranked.slice(0, areAll ? ranked.length : MOST_FEATURES);
}

/** How dark a cell is, 0 to 1. */
export function inkOf(psi: number | null, drifted: boolean): number {
  const share = Math.min(1, Math.max(0, psi ?? 0));
  return Number((drifted ? 0.45 + 0.55 * Math.sqrt(share) : 0.06 + 0.3 * Math.min(1, share / 0.2)).toFixed(2));
}

/** A cell in words. */
export function cellText(drift: DriftOverTime, { feature, time }: Cell): string {
  const of = drift.features[feature];
  const within = drift.times[time];
  const [psi, drifted] = within === undefined ? [of?.psi, of?.drifted] : [within.psi[feature], within.drifted[feature]];
  const { start, end, rows } = within ?? drift;
  const verdict = drifted === true ? "drifted" : "not drifted";
  return `${of?.name ?? ""}, ${moment(start)} to ${moment(end)} UTC: PSI ${figure(psi)}, ${verdict}, ${counted(rows, "row")}`;
}

/** The cell beside another one. @param key - of the keyboard. @returns undefined: the key means nothing here. */
export function cellAfter(key: string, { feature, time }: Cell, shown: readonly number[], times: number): Cell | undefined {
  const row = Math.max(0, shown.indexOf(feature));
  const at = (to: number) => shown[Math.min(shown.length - 1, Math.max(0, to))] ?? feature;
  if (key === "ArrowRight") return { feature, time: Math.min(times - 1, time + 1) };
  if (key === "ArrowLeft") return { feature, time: Math.max(-1, time - 1) };
  if (key === "ArrowDown") return { feature: at(row + 1), time };
  if (key === "ArrowUp") return { feature: at(row - 1), time };
  if (key === "Home") return { feature, time: -1 };
  return key === "End" ? { feature, time: times - 1 } : undefined;
}

/** A bin of the two histograms. */
export interface SharedBin {
  readonly name: string;
  /** Shares of the rows. */
  readonly reference: number;
  readonly window: number;
}

/** The bins that either side has rows in, with the share of each side. */
export function sharedBins({ counts, reference_counts: reference, edges, texts, kind }: DriftFeature): SharedBin[] {
  const [all, expected] = [counts, reference].map((each) =>
    Math.max(
      1,
      each.reduce((sum, rows) => sum + rows, 0),
    ),
  );
  return reference.flatMap((rows, bin) => {
    const now = counts[bin] ?? 0;
    const name = kind === "number" ? numberName(edges, bin) : (["missing", "rare", "unseen"][bin] ?? texts[bin - 3] ?? "");
    return rows === 0 && now === 0 ? [] : [{ name, reference: rows / (expected ?? 1), window: now / (all ?? 1) }];
  });
}

function numberName(edges: readonly number[], bin: number): string {
  if (bin === 0) return "missing";
  const [from, to] = [edges[bin - 2], edges[bin - 1]];
  if (from === undefined) return `up to ${figure(to)}`;
  return to === undefined ? `above ${figure(from)}` : `${figure(from)} to ${figure(to)}`;
}

/** What else is known of the chosen feature: texts that the reference does not have. */
export function unseenText({ unseen, kind }: DriftFeature): string {
  if (kind === "number" || unseen.length === 0) return "";
  const named = unseen.map(({ name, count: rows, over }) => `${JSON.stringify(name)} ${over > 0 ? "up to " : ""}${count(rows)}`);
  return `Unseen before, with their rows: ${named.join(", ")}.`;
}
