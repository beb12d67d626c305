export { startGateway, type Gateway, type GatewayOptions } from "./service.js";
export { gatewaySettings } from "./settings.js";
