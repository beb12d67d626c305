import type { WindowAlarm, WindowJson } from "@streamgauge/core/windows";
import { METRICS_OF_MODELS, type Choice, type MetricChoice } from "../choice.js";
import { count, counted, OVERFLOW } from "../format.js";

/** Windows as columns; a value is null where there is none, and between windows that do not follow each other. */
export interface Series {
  /** The middle of each window, s since 1970. */
  readonly times: readonly number[];
  readonly columns: readonly (readonly (number | null)[])[];
  /** Of each point, the window that it is of; undefined in a gap. */
  readonly windows: readonly (WindowJson | undefined)[];
}

/** @param figures - of a window, each of which becomes a column. */
export function seriesOf(windows: readonly WindowJson[], figures: readonly ((window: WindowJson) => number | null)[]): Series {
  const points: { time: number; window: WindowJson | undefined }[] = [];
  let end: number | undefined;
  for (const window of windows) {
    const [start, stop] = [Date.parse(window.start) / 1_000, Date.parse(window.end) / 1_000];
    // A line must not lead over a time in which nothing happened.
    if (end !== undefined && start > end) points.push({ time: (end + start) / 2, window: undefined });
    points.push({ time: (start + stop) / 2, window });
    end = stop;
  }
  return {
    times: points.map(({ time }) => time),
    columns: figures.map((of) => points.map(({ window }) => (window === undefined ? null : of(window)))),
    windows: points.map(({ window }) => window),
  };
}

/** The chosen figure of a window: of all its rows, or of those of one model version. */
export function chosenFigure({ metric, model }: Pick<Choice, "metric" | "model">): (window: WindowJson) => number | null {
  if (model === "") return (window) => window[metric];
  const name = METRICS_OF_MODELS.find((each) => each === metric);
  return ({ models }) => (name === undefined ? null : (models.find((each) => each.model === model)?.[name] ?? null));
}

/** Windows whose chosen figure is beyond the largest number, so that it cannot be drawn. */
export function windowsBeyond(windows: readonly WindowJson[], { metric, model }: Pick<Choice, "metric" | "model">): number {
  return windows.filter((window) => isBeyond(window, metric, model)).length;
}

/** Whether a figure of a window is beyond the largest number. @param name - as in JSON. @param model - a version; empty: all. */
function isBeyond(window: WindowJson, name: string, model: string): boolean {
  const ofChoice = model === "" ? window : window.models.find((each) => each.model === model);
  return ofChoice?.overflowed?.includes(name) === true;
}

/** The text of a value under a chart: without one it is an overflow, or a dash. @param window - that it is of; undefined in a gap. @param name - as in JSON. */
export function valueText(
  value: number | null,
  { window, name, model }: { readonly window: WindowJson | undefined; readonly name: string; readonly model: string },
  textOf: (value: number | null) => string,
): string {
  return value === null && window !== undefined && isBeyond(window, name, model) ? OVERFLOW : textOf(value);
}

/** Whether windows have an estimate beside the chosen figure: only of the MAE of all versions. */
export function hasEstimate({ metric, model }: { readonly metric: MetricChoice; readonly model: string }): boolean {
  return metric === "mae" && model === "";
}

/** Something that happened in a window. */
export interface Mark {
  /** s since 1970. */
  readonly time: number;
  readonly kind: "alarm" | "model" | "correction";
  readonly text: string;
  /** Whether an alarm of this kind and model came before it: an error that stays high raises one after another. */
  readonly isRepeated: boolean;
}

/** Alarms, windows that corrections restated, and the first window in which a model version appears; not the version with which the range begins. */
export function marksOf(windows: readonly WindowJson[]): Mark[] {
  const raised = new Set<string>();
  let known: Set<string> | undefined;
  return windows.flatMap((window) => {
    const versions = modelsIn([window]).filter((model) => model !== "(other)");
    const newVersions = known === undefined ? [] : versions.filter((model) => known?.has(model) === false);
    if (versions.length > 0) known = new Set([...(known ?? []), ...versions]);
    const alarms = window.alarms.map((alarm) => {
      const key = `${alarm.kind} ${alarm.model}`;
      const mark = { ...alarmMark(alarm), isRepeated: raised.has(key) };
      raised.add(key);
      return mark;
    });
    return [...alarms, ...correctionMarks(window), ...newVersions.map((model) => modelMark(window.start, model))];
  });
}

function alarmMark({ kind, model, log, row, time }: WindowAlarm): Mark {
  const text = `alarm: error is ${kind}, ${model}, row ${count(row)}${log === undefined ? "" : ` of ${log}`}`;
  return { time: time / 1_000, kind: "alarm", text, isRepeated: false };
}

function modelMark(start: string, model: string): Mark {
  return { time: Date.parse(start) / 1_000, kind: "model", text: `first rows of ${model}`, isRepeated: false };
}

function correctionMarks({ start, end, corrected, labelled }: WindowJson): Mark[] {
  if (corrected === 0) return [];
  const time = (Date.parse(start) + Date.parse(end)) / 2_000;
  const text = `${count(corrected)} of ${counted(labelled, "label")} corrected`;
  return [{ time, kind: "correction", text, isRepeated: false }];
}

/** Times in which figures may still change, as ranges of s since 1970; neighbours are one. */
export function provisionalRanges(windows: readonly WindowJson[]): (readonly [from: number, to: number])[] {
  const ranges: [number, number][] = [];
  for (const { start, end, state } of windows) {
    if (state !== "provisional") continue;
    const [from, to] = [Date.parse(start) / 1_000, Date.parse(end) / 1_000];
    const last = ranges.at(-1);
    if (last?.[1] === from) last[1] = to;
    else ranges.push([from, to]);
  }
  return ranges;
}

/** Model versions in these windows, the latest last. */
export function modelsIn(windows: readonly WindowJson[]): string[] {
  return [...new Set(windows.flatMap(({ models }) => models.map(({ model }) => model)).filter((model) => model !== ""))];
}

/** The times that a chart shows, s since 1970: those of its windows, and at least twelve of their lengths. */
export function shownTimes(windows: readonly WindowJson[]): readonly [from: number, to: number] | undefined {
  const [first, last] = [windows[0], windows.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const [from, to] = [Date.parse(first.start) / 1_000, Date.parse(last.end) / 1_000];
  const length = (Date.parse(first.end) - Date.parse(first.start)) / 1_000;
  return [Math.min(from, to - 12 * length), to];
}

/** Values that differ by a smaller share than this are drawn as equal: figures of five digits do not tell them apart, and rounding does this much. */
const LEAST_SPREAD = 1e-5;

/** An axis that begins at zero unless the values are far from it, and has room around values that are equal. */
export function valuesShown(least: number | null, greatest: number | null, from?: number, to?: number): [number, number] {
  if (from !== undefined && to !== undefined) return [from, to];
  if (least === null || greatest === null) return [0, 1];
  const spread = greatest - least;
  const size = Math.max(Math.abs(least), Math.abs(greatest));
  const room = (spread > LEAST_SPREAD * size ? spread : size) * 0.1 || 1;
  const low = least >= 0 && least < greatest * 0.75 ? 0 : least - room;
  return [from ?? (least >= 0 ? Math.max(0, low) : low), to ?? greatest + room];
}
