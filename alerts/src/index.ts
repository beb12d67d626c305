export { SETTINGS } from "./settings.js";
export { start } from "./start.js";
export type { Alerts } from "./service.js";
