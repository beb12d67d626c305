import {
  DriftHours,
  SPREAD_MS,
  foundIn,
  SegmentHours,
  type DriftOverTime,
  type MonitoredReference,
  type SavedFeatureWindow,
  type SegmentsJson,
} from "@streamgauge/core";
import type { FeatureWindowKey } from "../state/feature-tables.js";
import type { Monitor } from "./monitor.js";

/** Hours of event time that begin in `from` or later and before `to`; ms since 1970. */
export interface HourRange {
  readonly from: number;
  readonly to: number;
}

/** Which hours of a lane to look at. */
export interface SegmentQuestion extends HourRange {
  /** A model version; undefined: that of the latest hour. */
  readonly model?: string | undefined;
  /** Hours to compare with; undefined: each segment is compared with all other rows. */
  readonly earlier?: HourRange | undefined;
}

/** The version that is asked for, and the layout of its latest codes. */
export interface ChosenVersion {
  readonly model: string;
  readonly layout: string;
  readonly reference: MonitoredReference;
}

/** A key of a window, in the partition that has it. */
interface FoundKey {
  readonly monitor: Monitor;
  readonly key: FeatureWindowKey;
}

/**
 * Where the error of a lane is. Between commits.
 *
 * @param monitors - of its partitions. @returns undefined if no hour has a label, or no reference is known.
 */
export function segmentsOfLane(monitors: readonly Monitor[], { earlier, ...question }: SegmentQuestion): SegmentsJson | undefined {
  const chosen = chosenVersion(monitors, question);
  if (chosen === undefined) return undefined;
  const before = earlier === undefined ? undefined : added(monitors, chosen, earlier, new SegmentHours());
  const hours = added(monitors, chosen, question, new SegmentHours(before));
  return foundIn({ ...chosen, hours, earlier: before });
}

/**
 * How far features and predictions of a lane have moved. Between commits.
 *
 * @param monitors - of its partitions. @returns undefined if there are no hours, or no reference is known.
 */
export function driftOfLane(monitors: readonly Monitor[], question: Omit<SegmentQuestion, "earlier">): DriftOverTime | undefined {
  const chosen = chosenVersion(monitors, question);
  if (chosen === undefined) return undefined;
  const { from, to } = question;
  return added(monitors, chosen, { from: from - SPREAD_MS, to }, new DriftHours(chosen.reference, from)).found(chosen.model);
}

/** Model versions of a lane with hours that are kept, the latest first. Between commits. */
export function modelsOfLane(monitors: readonly Monitor[]): string[] {
  const latestFirst = modelsByHour(monitors).toReversed();
  return [...new Set(latestFirst.map(({ model }) => model))];
}

/** Where hours of a lane begin that are kept with bins of features, ascending; ms since 1970. Between commits. @param asked - a version; undefined: of all. */
export function hoursOfLane(monitors: readonly Monitor[], asked?: string): number[] {
  const hours = modelsByHour(monitors).filter(({ model }) => asked === undefined || model === asked);
  return [...new Set(hours.map(({ start }) => start))];
}

/** Each window that is kept, ascending. */
function modelsByHour(monitors: readonly Monitor[]): { readonly start: number; readonly model: string }[] {
  const known = new Map<string, string>();
  return keysIn(monitors, { from: -Infinity, to: Infinity }).flatMap((found) => {
    const [start, number] = found.key;
    // Numbers of models are those of a partition. Reading a window takes long.
    const numbered = `${monitors.indexOf(found.monitor)} ${number}`;
    const model = known.get(numbered) ?? windowOf(found)?.model;
    if (model === undefined) return [];
    known.set(numbered, model);
    return [{ start, model }];
  });
}

/** Those of one hour side by side, ascending. */
function keysIn(monitors: readonly Monitor[], { from, to }: HourRange): FoundKey[] {
  return monitors
    .flatMap((monitor) => monitor.features.keys(from, to).map((key) => ({ monitor, key })))
    .toSorted(({ key: [one] }, { key: [other] }) => one - other);
}

function windowOf({ monitor, key }: FoundKey): SavedFeatureWindow | undefined {
  return monitor.features.saved(key);
}

/** @returns undefined if it has no hours in the range, or no reference is known. */
export function chosenVersion(monitors: readonly Monitor[], question: Omit<SegmentQuestion, "earlier">): ChosenVersion | undefined {
  for (const found of keysIn(monitors, question).toReversed()) {
    const window = windowOf(found);
    if (window === undefined || (question.model !== undefined && window.model !== question.model)) continue;
    const { model, layout } = window;
    const [hash = ""] = layout.split(" ");
    const reference = monitors.map((monitor) => monitor.references.of(hash)).find((known) => known !== undefined);
    return reference && { model, layout, reference };
  }
  return undefined;
}

function added<H extends SegmentHours | DriftHours>(
  monitors: readonly Monitor[],
  { model, layout }: ChosenVersion,
  range: HourRange,
  hours: H,
): H {
  for (const found of keysIn(monitors, range)) {
    const window = windowOf(found);
    if (window?.model === model && window.layout === layout) hours.add(window);
  }
  return hours;
}
