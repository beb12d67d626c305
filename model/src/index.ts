export { startScoring, type Scoring, type ScoringOptions } from "./service.js";
export { openLaneModel, type LaneModel } from "./lane-model.js";
export { promote, promotionRecord, PromotionError, type Promoted } from "./swap/promote.js";
export { ScorerHolder } from "./scorer-holder.js";
export { fileScorer, type Answers, type Scorer } from "./scorer.js";
export * from "./session/index.js";
export { modelOptions } from "./model-options.js";
export { selectFeatures } from "./select-features.js";
