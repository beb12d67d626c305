import { listedNames, MONITORED_FEATURES, unknownFeatures, type Reference } from "@streamgauge/core";

/** What MONITOR_FEATURES chooses from. */
export interface WatchedModel {
  readonly name: string;
  readonly features: readonly string[];
  /** Undefined: its first rows become one, of its first features. */
  readonly reference?: Reference | undefined;
}

/**
 * Which names of MONITOR_FEATURES are those of no feature whose drift can be watched, and which can, in a sentence.
 *
 * @returns undefined if all of them can be watched.
 */
export function unwatchedFeatures({ name, features, reference }: WatchedModel, monitored: readonly string[]): string | undefined {
  const known = reference === undefined ? features.slice(0, MONITORED_FEATURES) : Object.keys(reference.features);
  const unknown = reference === undefined ? monitored.filter((one) => !known.includes(one)) : unknownFeatures(reference, monitored);
  if (unknown.length === 0) return undefined;
  return `MONITOR_FEATURES names ${listedNames(unknown)}, and drift of model ${name} can be watched in ${listedNames(known)}.`;
}
