import type { FittedModel } from "./fitted-model.js";

/** Beyond this share of the target's standard deviation, float32 rounding can be seen in pictures and figures. */
const FLOAT32_TOLERANCE = 1e-4;

/**
 * @param features - names, in the order of the fit.
 * @param float32Difference - largest difference between the fit and its float32 export, in the target's unit.
 * @param targetStd - standard deviation of the target.
 * @returns one sentence for each thing a user should know before trusting the model; often none.
 */
export function trainingWarnings(
  features: readonly string[],
  { model, statistics }: FittedModel,
  float32Difference: number,
  targetStd: number,
): string[] {
  const warnings: string[] = [];
  const constant = features.filter((_, i) => statistics[i]?.std === 0);
  if (constant.length > 0) {
    const result = model.kind === "linear" ? "got the coefficient 0" : "are of no use to a tree";
    warnings.push(`These columns are constant and ${result}: ${constant.join(", ")}.`);
  }
  const varying = features.length - constant.length;
  if (model.kind === "linear" && model.fit.rank < varying) {
    warnings.push(
      `Only ${model.fit.rank} of ${varying} columns are independent of each other: the coefficients are the ` +
        "smallest of many that fit equally well. Leave out the columns that repeat others, or set alpha above 0.",
    );
  }
  if (float32Difference > FLOAT32_TOLERANCE * targetStd) {
    warnings.push(
      `Rounding to float32 moves predictions by up to ${float32Difference.toPrecision(3)}: a feature has a ` +
        "large mean beside its spread, such as a time in seconds. Subtract a constant from it in the dataset.",
    );
  }
  return warnings;
}
