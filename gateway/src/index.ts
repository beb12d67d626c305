export type { Gateway } from "./service.js";
export { SETTINGS, start } from "./start.js";
