import type { DataConfig, FeatureKind } from "@streamgauge/core";

/** What is known of the model that scores, before it has answered. */
export interface ServedModel {
  /** `name@version`; empty if it is not known. */
  readonly label: string;
  /** Names of its features, in its order; empty if they are not known. */
  readonly features: readonly string[];
  /** What values each of these features has, in the same order. */
  readonly kinds: readonly FeatureKind[];
}

/** The model as the settings describe it, for a gateway that runs apart from it. */
export function modelOfSettings({ FEATURES, TEXT_COLUMNS }: Pick<DataConfig, "FEATURES" | "TEXT_COLUMNS">): ServedModel {
  return { label: "", features: FEATURES, kinds: FEATURES.map((name) => (TEXT_COLUMNS.includes(name) ? "text" : "number")) };
}
