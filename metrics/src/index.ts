export { startMetrics, type Metrics, type MetricsOptions } from "./service.js";
export { lanePaths, type LanePaths } from "./paths.js";
export { VersionStatistics, type VersionMoments } from "./statistics/version-statistics.js";
export { parseLine, LOG_HEADER, type LogLine } from "./log/log-line.js";
export { SIDES, StateStore, type Balance, type CommittedState, type Side } from "./state/state-store.js";
export { readLogLines } from "./log/read-log-lines.js";
export type { Readable } from "./log/read-log-lines.js";
export { LoggedIndex } from "./log/logged-index.js";
export { hashIds } from "./join/id-hash.js";
