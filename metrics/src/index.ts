export { startMetrics, type Metrics, type MetricsOptions } from "./service.js";
export { VersionStatistics, type VersionMoments } from "./statistics/version-statistics.js";
export { SIDES, type Side } from "./state/half-table.js";
export { StateStore, type Balance, type CommittedState } from "./state/state-store.js";
export { LoggedIndex } from "./log/logged-index.js";
export { hashIds } from "./log/id-hash.js";
