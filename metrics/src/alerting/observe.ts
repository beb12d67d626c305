import { DRIFT_TOLERANCE, firstNoticed, type AlertSegment, type ErrorChange } from "@streamgauge/core";
import type { Side } from "../state/half-table.js";
import type { Activity } from "./activity.js";
import type { AlarmFigures, KnownPartitions, LaneFigures, WindowFigures } from "./lane-figures.js";
import type {
  AlarmRule,
  CoverageRule,
  DeadLettersRule,
  DriftRule,
  ErrorRule,
  IntervalCoverageRule,
  LabelLagRule,
  Rule,
  SilenceRule,
} from "./rules/rule.js";

/** The figure of a rule now. */
export interface Observation {
  /** Whether the rule holds; undefined while that is not known. */
  readonly holds: boolean | undefined;
  /** The figure and its bound; NaN while unknown. */
  readonly value: number;
  readonly bound: number;
  /** Of both: the target's unit, `s`, `messages`, or empty for a share. */
  readonly unit: string;
  /** Of a rule on drift: what has drifted, the greatest population stability index first. */
  readonly drifted?: readonly { readonly name: string; readonly psi: number }[];
  /** Of an alarm: what changed, as the partition says whose rows noticed it first, and that partition. */
  readonly change?: { readonly is: ErrorChange; readonly in: number } | undefined;
  /** Of an alarm in a lane of several partitions: those whose rows raised it, ascending. */
  readonly raisedIn?: readonly number[];
  /** Of an alarm that the error is worse: where the error is. */
  readonly segments?: () => readonly AlertSegment[];
  /** The partitions that it is of; undefined of a lane with one. */
  readonly partitions?: KnownPartitions | undefined;
}

/** What a figure is taken from. */
export interface Observed {
  readonly figures: LaneFigures;
  /** The model version that rules of a model are about. */
  readonly model: string;
  readonly activity: Activity;
  /** Now, and when the state was opened, ms since 1970. */
  readonly now: number;
  readonly openedAt: number;
}

/** Messages that waited while metrics did not run arrive within this time after it is up, ms. */
const CATCH_UP_MS = 60_000;

/** The figure of a rule, and whether it holds. Dead letters are counted in one place; all else waits for the figures of the other partitions. */
export function observe(rule: Rule, observed: Observed): Observation {
  const { partitions } = observed.figures;
  if (rule.kind === "dead_letters") return observeDeadLetters(rule, observed);
  if (partitions === undefined) return { holds: undefined, value: Number.NaN, bound: Number.NaN, unit: "" };
  const observation = observeRows(rule, observed);
  return partitions.of === 1 ? observation : { ...observation, partitions };
}

function observeRows(rule: Exclude<Rule, DeadLettersRule>, observed: Observed): Observation {
  switch (rule.kind) {
    case "mae":
    case "rmse":
    case "bias":
    case "p95":
      return observeError(rule, observed);
    case "coverage":
      return observeCoverage(rule, observed);
    case "interval_coverage":
      return observeIntervals(rule, observed);
    case "label_lag":
      return observeLag(rule, observed);
    case "drift":
      return observeDrift(rule, observed);
    case "error_alarm":
      return observeAlarm(rule, observed);
    case "no_rows":
      return observeNoRows(rule, observed);
    case "no_labels":
      return observeNoLabels(rule, observed);
  }
}

function observeError({ kind, above, windowMs, leastRows }: ErrorRule, { figures, model }: Observed): Observation {
  const window = figures.over(windowMs, 0, model);
  const { labelled, value } = window === undefined ? { labelled: 0, value: Number.NaN } : errorIn(kind, window);
  // The bias is bad in both directions.
  const size = kind === "bias" ? Math.abs(value) : value;
  const known = labelled >= leastRows && !Number.isNaN(value);
  return { holds: known ? size > above : undefined, value, bound: kind === "bias" && value < 0 ? -above : above, unit: figures.unit };
}

function errorIn(kind: ErrorRule["kind"], window: WindowFigures) {
  if (kind === "mae" || kind === "rmse") return { labelled: window.ofModel.labelled, value: window.ofModel[kind] };
  return { labelled: window.labelled, value: window[kind] };
}

function observeCoverage({ below, windowMs, afterMs, leastRows }: CoverageRule, { figures, model }: Observed): Observation {
  const window = figures.over(windowMs, afterMs, model);
  const known = window !== undefined && window.predicted >= leastRows;
  const value = known ? window.labelled / window.predicted : Number.NaN;
  return { holds: known ? value < below : undefined, value, bound: below, unit: "" };
}

function observeIntervals({ below, windowMs, leastRows }: IntervalCoverageRule, { figures, model }: Observed): Observation {
  const { rows, coverage } = figures.over(windowMs, 0, model)?.intervals ?? { rows: 0, coverage: Number.NaN };
  const value = rows >= leastRows ? coverage : Number.NaN;
  return { holds: Number.isNaN(value) ? undefined : value < below, value, bound: below, unit: "" };
}

function observeLag({ aboveMs, windowMs, leastRows }: LabelLagRule, { figures, model }: Observed): Observation {
  const window = figures.over(windowMs, 0, model);
  const known = window !== undefined && window.labelled >= leastRows;
  const value = known ? window.lagP95Ms / 1000 : Number.NaN;
  const holds = known ? window.lagP95AtLeastMs >= aboveMs : undefined;
  return { holds, value, bound: aboveMs / 1000, unit: "s" };
}

function observeDrift({ features, windowMs, leastRows }: DriftRule, { figures, model }: Observed): Observation {
  const found = figures.drift(windowMs, model);
  const watched = found?.features.filter(({ name }) => features?.includes(name) ?? true) ?? [];
  // What has drifted comes first: another feature with a greater index may be within what chance does.
  const [first, ...others] = watched.toSorted((one, other) => Number(other.drifted) - Number(one.drifted) || other.psi - one.psi);
  if (found === undefined || found.rows < leastRows || first === undefined)
    return { holds: undefined, value: Number.NaN, bound: DRIFT_TOLERANCE, unit: "" };
  const drifted = [first, ...others].filter((each) => each.drifted).map(({ name, psi }) => ({ name, psi }));
  return { holds: first.drifted, value: first.psi, bound: Math.max(DRIFT_TOLERANCE, first.noise), unit: "", drifted };
}

function observeAlarm({ name, direction }: AlarmRule, { figures, model, activity }: Observed): Observation {
  const alarms = figures.alarms(model).filter(({ kind }) => kind === direction);
  // Each is looked at: what is seen now is not new the next time.
  const fresh = alarms.filter(({ partition, raisedAtRow }) => activity.isNewAlarm(name, raisedAtRow, partition));
  const raised = alarms.filter((alarm) => alarm.isOn || fresh.includes(alarm));
  const noticed = raised.flatMap(({ partition, change }) => (change === undefined ? [] : [{ ...change, partition }]));
  const first = firstNoticed(noticed);
  const shown = raised.find(({ partition }) => partition === first?.partition) ?? raised[0] ?? alarms[0];
  return {
    holds: raised.length > 0 ? true : isQuiet(alarms, figures.partitions) ? false : undefined,
    value: shown?.change?.mean_since ?? Number.NaN,
    bound: shown?.change?.mean_before ?? Number.NaN,
    unit: figures.unit,
    change: shown?.change && { is: shown.change, in: shown.partition },
    raisedIn: raised.map(({ partition }) => partition),
    ...(direction === "worse" && shown !== undefined ? { segments: () => shown.segments() } : {}),
  };
}

/** Whether no alarm is on, as far as is known: one may be on in a partition that does not answer. */
function isQuiet(alarms: readonly AlarmFigures[], partitions: KnownPartitions | undefined): boolean {
  return alarms.length > 0 && partitions?.missing.length === 0;
}

/** When rows of a side last came to any partition, ms since 1970; undefined: never. */
function lastCame(side: Side, { activity, figures: { elsewhere } }: Pick<Observed, "activity" | "figures">): number | undefined {
  const times = [activity.lastAt(side), elsewhere?.lastAt[side]].filter((time) => time !== undefined);
  return times.length === 0 ? undefined : Math.max(...times);
}

function observeNoRows({ aboveMs }: SilenceRule, observed: Observed): Observation {
  const { now, openedAt } = observed;
  const last = Math.max(lastCame("y_true", observed) ?? -Infinity, lastCame("y_pred", observed) ?? -Infinity);
  const silentMs = now - last;
  // What waited in the queues while metrics did not run is still to come.
  const known = Number.isFinite(last) && (silentMs < aboveMs || now - openedAt >= Math.min(aboveMs, CATCH_UP_MS));
  return { holds: known ? silentMs >= aboveMs : undefined, value: silentMs / 1000, bound: aboveMs / 1000, unit: "s" };
}

/** Predictions still came so long after the last label. Labels that never came are not missed. */
function observeNoLabels({ aboveMs }: SilenceRule, observed: Observed): Observation {
  const [label, prediction] = [lastCame("y_true", observed), lastCame("y_pred", observed)];
  const known = label !== undefined && prediction !== undefined;
  const behindMs = known ? Math.max(0, prediction - label) : Number.NaN;
  return { holds: known ? behindMs >= aboveMs : undefined, value: behindMs / 1000, bound: aboveMs / 1000, unit: "s" };
}

function observeDeadLetters({ name, above, windowMs }: DeadLettersRule, { figures, activity, now }: Observed): Observation {
  if (figures.deadLetters === undefined) return { holds: undefined, value: Number.NaN, bound: above, unit: "messages" };
  const value = activity.deadLetterGrowth(name, figures.deadLetters, windowMs, now);
  return { holds: value > above, value, bound: above, unit: "messages" };
}
