export { startGateway, type Gateway, type GatewayOptions } from "./service.js";
