import { parseJson } from "./metadata-json.js";
import { metadataKey } from "./metadata-keys.js";
import { ModelError } from "./model-error.js";

/**
 * A row that the model should be able to answer: the mean of each feature where the file has
 * `streamgauge.feature_statistics`, otherwise 1 for each. Not 0, whose logarithm or reciprocal is infinite.
 *
 * @param path - for the message only.
 * @returns one number for each feature, in the order of `features`.
 * @throws ModelError when the statistics are there and lack the mean of a feature.
 */
export function warmUpRow(path: string, metadata: ReadonlyMap<string, string>, features: readonly string[]): readonly number[] {
  const text = metadata.get(metadataKey.featureStatistics);
  if (text === undefined) return features.map(() => 1);
  const statistics = parseJson(text);
  return features.map((feature) => {
    const mean = meanOf(statistics, feature);
    if (mean === undefined) {
      throw new ModelError({
        path,
        reason: "metadata",
        problem: `the metadata ${metadataKey.featureStatistics} has no mean for the feature ${feature}`,
        remedy: 'Write a JSON object such as {"age": {"mean": 48.5}, …}, or remove this entry',
      });
    }
    return mean;
  });
}

function meanOf(statistics: unknown, feature: string): number | undefined {
  const entry = memberOf(statistics, feature);
  const mean = memberOf(entry, "mean");
  return typeof mean === "number" ? mean : undefined;
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}
