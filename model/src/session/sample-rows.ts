import type { FeatureKind } from "./feature-kind.js";
import { parseJson } from "./metadata-json.js";
import { metadataKey } from "../onnx/metadata-keys.js";
import { ModelError } from "./model-error.js";

/** A row, [features]. */
export type SampleRow = readonly (number | string)[];

/** Numbers that a model may have an answer to: not all of them, if one is a year or has its logarithm taken. */
const TRIED = [1, 0, 10, 100, 1_000, 0.5, -1] as const;
/** Combinations of texts that are tried, at most. */
const MOST_ROWS = 256;

/**
 * Rows that the model may be able to answer, the likeliest first: the mean of each feature if the file has
 * `streamgauge.feature_statistics`, otherwise the same number for each. Texts are those that its encoders know.
 *
 * @param path - for the message only.
 * @param categories - a text of each encoder, in the order of the file.
 * @throws ModelError when the statistics are there and lack the mean of a feature that is a number.
 */
export function sampleRows(
  path: string,
  metadata: ReadonlyMap<string, string>,
  features: readonly string[],
  kinds: readonly FeatureKind[],
  categories: readonly string[],
): SampleRow[] {
  const means = meansOf(path, metadata, features, kinds);
  const bases = means === undefined ? TRIED.map((value) => kinds.map((kind) => valueOf(kind, value))) : [means];
  const texts = textChoices(kinds.filter((kind) => kind === "text").length, categories);
  return texts.flatMap((choice) => bases.map((base) => withTexts(base, kinds, choice))).slice(0, MOST_ROWS);
}

function valueOf(kind: FeatureKind, value: number): number {
  if (kind === "number") return value;
  return kind === "bool" ? Math.min(1, Math.max(0, Math.round(value))) : Math.max(0, Math.min(100, Math.round(value)));
}

function withTexts(base: readonly number[], kinds: readonly FeatureKind[], texts: readonly string[]): SampleRow {
  let next = 0;
  return base.map((value, at) => (kinds[at] === "text" ? (texts[next++] ?? "") : value));
}

/** Ways to give each of some features one of these texts: by the order first, since columns and their encoders mostly have the same one. */
function textChoices(features: number, categories: readonly string[]): readonly (readonly string[])[] {
  const inOrder = Array.from({ length: features }, (_, at) => categories[at] ?? "");
  const known = [...new Set([...categories, ""])];
  let choices: string[][] = [[]];
  for (let at = 0; at < features && choices.length * known.length <= MOST_ROWS; at += 1) {
    choices = choices.flatMap((choice) => known.map((text) => [...choice, text]));
  }
  const first = choices[0]?.length === features ? choices : [];
  return [inOrder, ...first.filter((choice) => choice.join("\n") !== inOrder.join("\n"))];
}

function meansOf(
  path: string,
  metadata: ReadonlyMap<string, string>,
  features: readonly string[],
  kinds: readonly FeatureKind[],
): readonly number[] | undefined {
  const text = metadata.get(metadataKey.featureStatistics);
  if (text === undefined) return undefined;
  const statistics = parseJson(text);
  return features.map((feature, at) => {
    const kind = kinds[at] ?? "number";
    const mean = kind === "text" ? 0 : meanOf(statistics, feature);
    if (mean === undefined) {
      throw new ModelError({
        path,
        reason: "metadata",
        problem: `the metadata ${metadataKey.featureStatistics} has no mean for the feature ${feature}`,
        remedy: 'Write a JSON object such as {"age": {"mean": 48.5}, …}, or remove this entry',
      });
    }
    return valueOf(kind, mean);
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
