import { describeChange, type ErrorChange } from "@streamgauge/core";

/** A change of the error in a sentence for the user. @param unit - of the target; empty if it is not known. */
export function describeAlarm(change: ErrorChange, unit: string): string {
  const { kind, model } = change;
  const advice = kind === "worse" ? "" : " If nobody improved it, look for a label that leaks into the features.";
  return `The error of model ${model} became ${kind} at ${describeChange(change, unit)}${advice}`;
}
