import { DRIFT_TOLERANCE } from "@streamgauge/core";
import type { Activity } from "./activity.js";
import type { LaneFigures, WindowFigures } from "./lane-figures.js";
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

/** The figure of a rule, and whether it holds. */
export function observe(rule: Rule, observed: Observed): Observation {
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
    case "dead_letters":
      return observeDeadLetters(rule, observed);
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

function errorIn(kind: ErrorRule["kind"], { labelled, ofModel, bias, p95 }: WindowFigures) {
  if (kind === "mae" || kind === "rmse") return { labelled: ofModel.labelled, value: ofModel[kind] };
  return { labelled, value: kind === "bias" ? bias : p95 };
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
  return { holds: known ? value > aboveMs / 1000 : undefined, value, bound: aboveMs / 1000, unit: "s" };
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
  const alarm = figures.alarms(model).find(({ kind }) => kind === direction);
  const isNew = alarm !== undefined && activity.isNewAlarm(name, alarm.raisedAtRow);
  return {
    holds: alarm === undefined ? undefined : alarm.isOn || isNew,
    value: alarm?.meanSince ?? Number.NaN,
    bound: alarm?.meanBefore ?? Number.NaN,
    unit: figures.unit,
  };
}

function observeNoRows({ aboveMs }: SilenceRule, { activity, now, openedAt }: Observed): Observation {
  const last = Math.max(activity.lastAt("y_true") ?? -Infinity, activity.lastAt("y_pred") ?? -Infinity);
  const silentMs = now - last;
  // What waited in the queues while metrics did not run is still to come.
  const known = Number.isFinite(last) && (silentMs < aboveMs || now - openedAt >= Math.min(aboveMs, CATCH_UP_MS));
  return { holds: known ? silentMs >= aboveMs : undefined, value: silentMs / 1000, bound: aboveMs / 1000, unit: "s" };
}

/** Predictions still came so long after the last label. Labels that never came are not missed. */
function observeNoLabels({ aboveMs }: SilenceRule, { activity }: Observed): Observation {
  const [label, prediction] = [activity.lastAt("y_true"), activity.lastAt("y_pred")];
  const known = label !== undefined && prediction !== undefined;
  const behindMs = known ? Math.max(0, prediction - label) : Number.NaN;
  return { holds: known ? behindMs >= aboveMs : undefined, value: behindMs / 1000, bound: aboveMs / 1000, unit: "s" };
}

function observeDeadLetters({ name, above, windowMs }: DeadLettersRule, { figures, activity, now }: Observed): Observation {
  if (figures.deadLetters === undefined) return { holds: undefined, value: Number.NaN, bound: above, unit: "messages" };
  const value = activity.deadLetterGrowth(name, figures.deadLetters, windowMs, now);
  return { holds: value > above, value, bound: above, unit: "messages" };
}
