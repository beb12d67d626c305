export { SETTINGS } from "./settings.js";
export { start, startForTest } from "./start.js";
export type { Alerts } from "./service.js";
