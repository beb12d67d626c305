export type { GatewayOptions } from "./gateway-options.js";
export { startGateway, type Gateway } from "./service.js";
export { SETTINGS, start } from "./start.js";
