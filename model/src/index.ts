export { startScoring, type Scoring, type ScoringOptions } from "./service.js";
export * from "./session/index.js";
export { selectFeatures } from "./select-features.js";
