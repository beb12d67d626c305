export { DividedLane, type DivisionOptions } from "./repartition/divided-lane.js";
export { SETTINGS } from "./settings.js";
export { start } from "./start.js";
export { startSplitter } from "./partitions/splitter.js";
export type { Metrics } from "./service.js";
export { VersionStatistics, type VersionMoments } from "./statistics/version-statistics.js";
export { SIDES, type Side } from "./state/half-table.js";
export { correctionProblems } from "./corrections/check-corrections.js";
export { readCorrectionRecords } from "./log/correction-records.js";
export type { Balance, CommittedState, CorrectionBalance } from "./state/saved-state.js";
export { windowAlarm } from "./monitoring/window-alarms.js";
export { Monitor } from "./monitoring/monitor.js";
export {
  chosenVersion,
  driftOfLane,
  hoursOfLane,
  modelsOfLane,
  segmentsOfLane,
  type HourRange,
  type SegmentQuestion,
} from "./monitoring/lane-segments.js";
export { openCommittedLines, type CommittedLines } from "./segment-rows/committed-lines.js";
export { searchRows, type RowsQuestion } from "./segment-rows/search-rows.js";
export { committedLane, whyNotCounted, windowProblems, type CommittedLane } from "./monitoring/recount-windows.js";
export { StateStore } from "./state/state-store.js";
export { adoptStore, snapshotStore } from "./state/snapshot-store.js";
export { LogInUseError, WriterLock } from "./state/writer-lock.js";
export { WholeLogIndex } from "./log/logged-index.js";
export { hashIds } from "./log/id-hash.js";
export type { Rotation } from "./log/rotation.js";
export { addSilence, readSilences, type Silence } from "./alerting/silences.js";
export { durationOf } from "./alerting/rules/duration.js";
export { loadRules } from "./alerting/rules/load-rules.js";
export type { SavedAlerting, SavedRule } from "./alerting/saved-alerting.js";
export { alarmSettings, DEFAULT_ALARM, type AlarmEvery, type AlarmSettings } from "./alarm/alarm-settings.js";
export { changesOf, errorChange, type AlarmChange } from "./alarm/alarm-change.js";
export { Alarms } from "./alarm/alarms.js";
export type { Baseline } from "./alarm/baseline.js";
export { ModelAlarm } from "./alarm/model-alarm.js";
export { ALARM_KINDS, type AlarmKind, type LaneAlarm, type RaisedAlarm } from "./alarm/raised-alarm.js";
export { ReplayedLane, type PredictedHistory, type ReplayOptions } from "./replay/replayed-lane.js";
