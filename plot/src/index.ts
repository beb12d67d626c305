export { comparisonPicture, laneLog } from "./comparison/comparison-plot.js";
export { drawComparison, type ComparedLanes } from "./comparison/comparison-picture.js";
export { comparisonText } from "./comparison/comparison-text.js";
export { LaneComparison } from "./comparison/lane-comparison.js";
export { writePicture } from "./write-picture.js";
export { start } from "./start.js";
