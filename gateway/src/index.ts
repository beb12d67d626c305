export { startGateway, type Gateway, type GatewayOptions } from "./service.js";
export { SETTINGS, start } from "./start.js";
