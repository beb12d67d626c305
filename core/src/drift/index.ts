export { binCount, MISSING, OTHER, UNSEEN, type FeatureBins, type NumberBins, type TextBins } from "./feature-bins.js";
export {
  countsOf,
  isReferenceJson,
  MONITORED_FEATURES,
  referenceHash,
  referenceOf,
  type FeatureReference,
  type Reference,
  type Values,
} from "./reference.js";
export { DRIFT_RISK, DRIFT_TOLERANCE, driftOf, type Drift, type Observed } from "./drift.js";
