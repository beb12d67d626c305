export { startMetrics, type Metrics, type MetricsOptions } from "./service.js";
export { VersionStatistics, type VersionMoments } from "./statistics/version-statistics.js";
export { SIDES, StateStore, type Balance, type CommittedState, type Side } from "./state/state-store.js";
export { LoggedIndex } from "./log/logged-index.js";
export { hashIds } from "./join/id-hash.js";
