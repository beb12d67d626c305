export { SETTINGS } from "./settings.js";
export { start } from "./start.js";
export { startMetrics, type Metrics, type MetricsOptions } from "./service.js";
export { VersionStatistics, type VersionMoments } from "./statistics/version-statistics.js";
export { SIDES, type Side } from "./state/half-table.js";
export type { Balance, CommittedState } from "./state/saved-state.js";
export { StateStore } from "./state/state-store.js";
export { LoggedIndex } from "./log/logged-index.js";
export { hashIds } from "./log/id-hash.js";
