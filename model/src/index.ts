export { SETTINGS, start, type Model } from "./start.js";
export { FirstRows } from "./serving/first-rows.js";
export type { Scoring } from "./serving/scoring.js";
export { promote, promotionRecord, PromotionError, type Promoted } from "./swap/promote.js";
export { ActiveScorer } from "./swap/active-scorer.js";
export { fileScorer, type Predictions, type Scorer } from "./session/scorer.js";
export * from "./session/index.js";
export { modelOptions } from "./session/model-options.js";
export { selectFeatures } from "./session/select-features.js";
