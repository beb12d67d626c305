export { ErrorWindow, LabelledRow, NO_TENTH } from "./error-window.js";
export { signedRuns } from "../statistics/signed-cells.js";
export { SavedWindowSchema, WINDOW_FORMAT, type SavedWindow } from "./saved-window.js";
export { readWindowMessage, windowRequest, writeWindowMessage, type WindowMessage } from "./window-message.js";
export { coverageOf, stateOf, windowFigures, windowJson, WindowJsonSchema, type WindowJson } from "./window-json.js";
export { alarmsWithin, type WindowAlarm } from "./window-alarm.js";
export { keptFrom, lengthOf, startOf, WINDOW_SIZE_NAMES, WINDOW_SIZES, type WindowSize } from "./window-size.js";
export { WindowSum, WindowSummarySchema, type WindowSummary } from "./window-summary.js";
export * from "./live-events.js";
