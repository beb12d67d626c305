export { comparisonPicture } from "./comparison/comparison-plot.js";
export type { ComparedLanes } from "./comparison/compared-lanes.js";
export { drawComparison } from "./comparison/comparison-picture.js";
export { comparisonText } from "./comparison/comparison-text.js";
export { comparedLogs, LaneComparison } from "./comparison/lane-comparison.js";
export { writePicture } from "./write-picture.js";
export { start } from "./start.js";
