import type { Severity } from "@streamgauge/core";
import type { Hysteresis } from "../state-machine.js";

/** What every rule has. */
interface CommonRule extends Hysteresis {
  /** Unique in the file; a part of the fingerprint. */
  readonly name: string;
  readonly severity: Severity;
  /** The lanes that it watches; undefined: all. */
  readonly lanes: readonly string[] | undefined;
}

/** A figure of the errors over a window, above a bound. */
export interface ErrorRule extends CommonRule {
  readonly kind: "mae" | "rmse" | "bias" | "p95";
  /** In the target's unit. Of the bias the size counts, not the sign. */
  readonly above: number;
  readonly windowMs: number;
  /** With fewer labelled rows nothing is concluded. */
  readonly leastRows: number;
}

/** A share of labels below a bound. */
export interface CoverageRule extends CommonRule {
  readonly kind: "coverage";
  /** Share from 0 to 1. */
  readonly below: number;
  readonly windowMs: number;
  /** How long before the newest event the window ends: labels have that long to come. */
  readonly afterMs: number;
  readonly leastRows: number;
}

/** The share of announced intervals that held the label, below a bound. */
export interface IntervalCoverageRule extends CommonRule {
  readonly kind: "interval_coverage";
  /** Share from 0 to 1. */
  readonly below: number;
  readonly windowMs: number;
  /** With fewer labelled rows that had an interval nothing is concluded. */
  readonly leastRows: number;
}

/** The 95th percentile of the time from event to label, above a bound. */
export interface LabelLagRule extends CommonRule {
  readonly kind: "label_lag";
  readonly aboveMs: number;
  readonly windowMs: number;
  readonly leastRows: number;
}

/** The detector of changes in the error has raised an alarm. */
export interface AlarmRule extends CommonRule {
  readonly kind: "error_alarm";
  readonly direction: "worse" | "better";
}

/** Nothing came for a time: no row at all, or no label while predictions come. */
export interface SilenceRule extends CommonRule {
  readonly kind: "no_rows" | "no_labels";
  readonly aboveMs: number;
}

/** A monitored feature, or the prediction, has moved from the reference of its model version. */
export interface DriftRule extends CommonRule {
  readonly kind: "drift";
  /** The features that are watched, y_pred for the prediction; undefined: all that are monitored. */
  readonly features: readonly string[] | undefined;
  /** Whole hours. */
  readonly windowMs: number;
  /** With fewer predictions nothing is concluded. */
  readonly leastRows: number;
}

/** More messages became dead letters within a window than a bound. */
export interface DeadLettersRule extends CommonRule {
  readonly kind: "dead_letters";
  readonly above: number;
  readonly windowMs: number;
}

export type Rule = ErrorRule | CoverageRule | IntervalCoverageRule | LabelLagRule | AlarmRule | SilenceRule | DriftRule | DeadLettersRule;
export type RuleKind = Rule["kind"];

/** Whether a rule is about a model: then another version ends its alert and begins another one. */
export function isOfModel({ kind }: Rule): boolean {
  return ["mae", "rmse", "bias", "p95", "drift", "error_alarm"].includes(kind);
}

/** The window of a rule in ms; undefined if it has none. */
export function windowOf(rule: Rule): number | undefined {
  return "windowMs" in rule ? rule.windowMs : undefined;
}
