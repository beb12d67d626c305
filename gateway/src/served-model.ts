import type { DataConfig, FeatureKind } from "@streamgauge/core";

/** What is known of the current model before its first answer. */
export interface ServedModel {
  /** `name@version`; empty if unknown. */
  readonly label: string;
  /** Names of its features, in its order; empty if unknown. */
  readonly features: readonly string[];
  /** The kind of each feature's values, in the same order. */
  readonly kinds: readonly FeatureKind[];
}

/** The model as the settings describe it, for a gateway in a process of its own. */
export function modelOfSettings({ FEATURES, TEXT_COLUMNS }: Pick<DataConfig, "FEATURES" | "TEXT_COLUMNS">): ServedModel {
  return { label: "", features: FEATURES, kinds: FEATURES.map((name) => (TEXT_COLUMNS.includes(name) ? "text" : "number")) };
}
