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
export { DRIFT_RISK, DRIFT_TOLERANCE, driftOf, type Drift, type Judged, type Observed, type Stability } from "./drift.js";
export { CodeLayout, pairGroups, PAIR_GROUPS, PAIRED_FEATURES, unseenColumns, type CodeColumn, type CodedValues } from "./code-layout.js";
export { FeatureWindow } from "./feature-window.js";
export {
  FEATURE_WINDOWS_TYPE,
  featureWindowMessageSchema,
  readFeatureWindows,
  writeFeatureWindows,
  type FeatureWindowMessage,
  type ReadFeatureWindows,
} from "./feature-window-message.js";
export {
  isMonitoredReference,
  layoutOf,
  monitoredReference,
  MonitoredReferenceSchema,
  unknownFeatures,
  Y_PRED,
  type MonitoredReference,
} from "./monitored-reference.js";
export {
  FEATURE_WINDOW_FORMAT,
  SavedFeatureWindowSchema,
  type SavedBin,
  type SavedColumn,
  type SavedFeaturePair,
  type SavedFeatureWindow,
  type SavedPairCell,
} from "./saved-feature-window.js";
export { commonestNames, NAME_CHARACTERS, type UnseenName } from "./unseen-names.js";
export { doubleOf, type SavedExactSum } from "../statistics/saved-exact-sum.js";
export { driftSpell, type DriftSpell } from "./drift-spell.js";
export { DriftHours, DriftOverTimeSchema, type DriftOverTime } from "./drift-over-time.js";
export { predictedBins, type PredictedBins } from "./predicted-bins.js";
export { RowCoder } from "./row-coder.js";
export { BinCounts, type ColumnDrift } from "./bin-counts.js";
export { HourCounts, joinedHours } from "./hour-counts.js";
export { SPREAD_MS, spreadOver } from "./hour-spread.js";
export { driftReport, DriftReportSchema, type DriftHour, type DriftReport } from "./drift-json.js";
