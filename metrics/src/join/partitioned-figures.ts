import type { AlarmFigures, DriftFigures, Elsewhere, LaneFigures, WindowFigures } from "../alerting/lane-figures.js";
import type { FiguresAnswer } from "../alerting/partitions/figures-answer.js";
import type { FigureRounds, FinishedRound } from "../alerting/partitions/figure-rounds.js";
import { figuresOf, merged } from "../alerting/window-figures.js";
import { spanOf } from "../alerting/window-span.js";
import { hoursFrom } from "../monitoring/latest-drift.js";
import type { Side } from "../state/half-table.js";
import type { JoinState } from "./join-state.js";

/**
 * The figures of a lane with several partitions: those of this one now, within a commit, and those that the others answered last. All are of the event
 * times of the question, so that they add up to those of one partition.
 *
 * @param own - those of this partition.
 */
export function partitionedFigures(
  own: LaneFigures,
  state: JoinState,
  { of, finished }: Pick<FigureRounds, "of" | "finished">,
): LaneFigures {
  if (finished === undefined) return { ...own, partitions: undefined };
  const parts = [...finished.answers.values()];
  const unit = own.unit === "" ? (parts.find((part) => part.unit !== "")?.unit ?? "") : own.unit;
  const known = new Map<string, WindowFigures>();
  return {
    ...own,
    unit,
    partitions: { of, missing: finished.missing },
    elsewhere: elsewhereOf(parts),
    alarms: (model) => (model === finished.question.model ? [...own.alarms(model), ...parts.flatMap(alarmsOf)] : []),
    over(windowMs, endedMs, model) {
      const key = `${windowMs} ${endedMs} ${model}`;
      const figures = known.get(key) ?? figuresOver(state, finished, windowMs, endedMs, model);
      if (figures !== undefined) known.set(key, figures);
      return figures;
    },
    drift: (windowMs, model) => driftOver(state, finished, windowMs, model),
  };
}

function elsewhereOf(parts: readonly FiguresAnswer[]): Elsewhere {
  const latest = parts.toSorted((one, other) => (other.lastAt.y_pred ?? 0) - (one.lastAt.y_pred ?? 0)).find(({ model }) => model !== "");
  return { lastAt: { y_true: lastOf(parts, "y_true"), y_pred: lastOf(parts, "y_pred") }, model: latest?.model ?? "" };
}

function lastOf(parts: readonly FiguresAnswer[], side: Side): number | undefined {
  const times = parts.flatMap(({ lastAt }) => lastAt[side] ?? []);
  return times.length === 0 ? undefined : Math.max(...times);
}

function alarmsOf({ partition, alarms }: FiguresAnswer): AlarmFigures[] {
  return alarms.map(({ kind, isOn, raisedAtRow, change, segments }) => ({
    partition,
    kind,
    isOn,
    raisedAtRow,
    change,
    segments: () => segments,
  }));
}

/** @returns undefined before the first row, and if the question did not ask for this time. */
function figuresOver(
  { monitor: { windows } }: JoinState,
  { question, answers }: FinishedRound,
  windowMs: number,
  endedMs: number,
  model: string,
): WindowFigures | undefined {
  if (question.watermark === null) return undefined;
  const { size, from, to } = spanOf(question.watermark, windowMs, endedMs);
  const at = question.spans.findIndex((span) => span.size === size && span.from === from && span.to === to);
  if (at === -1) return undefined;
  const elsewhere = Array.from(answers.values()).flatMap(({ windows: theirs }) => theirs[at] ?? []);
  return figuresOf(merged(size, [...windows.range(size, from, to), ...elsewhere]), model);
}

/** @returns undefined if nothing is known of the features, and if the question did not ask for it. */
function driftOver({ drift }: JoinState, { question, answers }: FinishedRound, windowMs: number, model: string): DriftFigures | undefined {
  if (question.watermark === null || question.model !== model) return undefined;
  const from = hoursFrom(question.watermark, windowMs);
  const at = question.driftFrom.indexOf(from);
  if (at === -1) return undefined;
  const theirs = Array.from(answers.values()).flatMap(({ drift: counted }) => counted[at] ?? []);
  const own = drift.since(from, model);
  const parts = theirs.map((each) => ({ ...each, bins: Float64Array.from(each.bins) }));
  return drift.driftOf(own === undefined ? parts : [own, ...parts], model);
}
