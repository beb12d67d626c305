import { describeChange } from "@streamgauge/core";
import { durationText } from "./rules/duration.js";
import { windowOf, type DeadLettersRule, type Rule } from "./rules/rule.js";
import type { Observation } from "./observe.js";

const TITLES: Readonly<Record<Rule["kind"], string>> = {
  mae: "MAE",
  rmse: "RMSE",
  bias: "Bias",
  p95: "The 95 % quantile of the error",
  coverage: "Coverage",
  interval_coverage: "The coverage of the intervals",
  label_lag: "The 95 % quantile of the time to a label",
  drift: "Drift",
  error_alarm: "The mean error",
  no_rows: "The time without a row",
  no_labels: "The time without a label",
  dead_letters: "New dead letters",
};

/** Features that a sentence names. */
const MOST_NAMED = 5;

/** The figure of a rule in a sentence: `MAE over 1h is 61.5 mg/dl, above 50 mg/dl.` A second one names the partitions that it does not include. */
export function describeFiring(rule: Rule, observation: Observation): string {
  return firingText(rule, observation) + missingText(observation);
}

function firingText(rule: Rule, observation: Observation): string {
  const { value, bound } = observation;
  const figure = (of: number) => figureText(of, observation.unit);
  switch (rule.kind) {
    case "error_alarm": {
      const became = `The mean error became ${rule.direction}${raisedText(observation)}`;
      return observation.change === undefined ? `${became}.` : `${became} at ${describeChange(observation.change.is, observation.unit)}`;
    }
    case "drift":
      return `Drifted${spanText(rule)}: ${driftedText(observation.drifted ?? [])}.`;
    case "no_rows":
      return `No row came for ${figure(value)}.`;
    case "no_labels":
      return `No label came for ${figure(value)}, while predictions came.`;
    case "dead_letters":
      return deadLettersText(rule, value);
    case "coverage":
    case "interval_coverage":
    case "label_lag":
    case "mae":
    case "rmse":
    case "bias":
    case "p95": {
      const relation = "below" in rule || (rule.kind === "bias" && value < 0) ? "below" : "above";
      return `${TITLES[rule.kind]}${spanText(rule)} is ${figure(value)}, ${relation} ${figure(bound)}.`;
    }
  }
}

/** The same when it no longer holds. */
export function describeResolved(rule: Rule, observation: Observation): string {
  return resolvedText(rule, observation) + missingText(observation);
}

function resolvedText(rule: Rule, { value, unit }: Observation): string {
  if (rule.kind === "error_alarm") return `No further change to ${rule.direction} was found in the mean error.`;
  if (rule.kind === "drift") return `No feature that the rule watches has drifted${spanText(rule)}.`;
  if (rule.kind === "no_rows") return "Rows come again.";
  if (rule.kind === "no_labels") return "Labels come again.";
  if (rule.kind === "dead_letters") return deadLettersText(rule, value);
  return `${TITLES[rule.kind]}${spanText(rule)} is ${figureText(value, unit)}, within its bound.`;
}

/** `1 message became a dead letter within 10m.` */
function deadLettersText({ windowMs }: DeadLettersRule, value: number): string {
  return `${figureText(value, "messages")} became ${value === 1 ? "a dead letter" : "dead letters"} within ${durationText(windowMs)}.`;
}

/** ` in partitions 2 and 3 of 4,` */
function raisedText({ raisedIn = [], partitions }: Observation): string {
  if (partitions === undefined || raisedIn.length === 0) return "";
  return ` in ${raisedIn.length === 1 ? `partition ${raisedIn[0]}` : `partitions ${listText(raisedIn)}`} of ${partitions.of},`;
}

/** ` Without partition 2 of 4, which does not answer.` */
function missingText({ partitions }: Observation): string {
  if (partitions === undefined || partitions.missing.length === 0) return "";
  const { missing, of } = partitions;
  return missing.length === 1
    ? ` Without partition ${missing[0]} of ${of}, which does not answer.`
    : ` Without partitions ${listText(missing)} of ${of}, which do not answer.`;
}

/** `2, 3 and 4` */
function listText(numbers: readonly number[]): string {
  return [numbers.slice(0, -1).join(", "), ...numbers.slice(-1)].join(" and ");
}

/** `bmi (PSI 1.12), y_pred (PSI 0.3) and 3 more`. */
function driftedText(drifted: NonNullable<Observation["drifted"]>): string {
  const named = drifted.slice(0, MOST_NAMED).map(({ name, psi }) => `${name} (PSI ${Number(psi.toPrecision(3))})`);
  return named.join(", ") + (drifted.length > MOST_NAMED ? ` and ${drifted.length - MOST_NAMED} more` : "");
}

function spanText(rule: Rule): string {
  const windowMs = windowOf(rule);
  const span = windowMs === undefined ? "" : ` over ${durationText(windowMs)}`;
  return rule.kind === "coverage" && rule.afterMs > 0 ? `${span}, ${durationText(rule.afterMs)} ago,` : span;
}

/** Six digits are enough to read; the field `value` has all. */
function figureText(value: number, unit: string): string {
  if (Number.isNaN(value)) return "unknown";
  if (!Number.isFinite(value)) return "beyond the largest double";
  const number = String(Number(value.toPrecision(6)));
  return unit === "" ? number : `${number} ${unit === "messages" && value === 1 ? "message" : unit}`;
}
