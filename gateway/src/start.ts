import { DATA_SETTINGS, type ServiceLink, type ServiceScope } from "@streamgauge/core";
import { modelOfSettings, type ServedModel } from "./served-model.js";
import { startGateway, type Gateway } from "./service.js";
import { GATEWAY_SETTINGS, gatewaySettings, type GatewayConfig } from "./settings.js";

/** The gateway's settings, without the common ones. */
export const SETTINGS = { ...DATA_SETTINGS, ...GATEWAY_SETTINGS };

/**
 * Serves HTTP for the lane of its link.
 *
 * @param model - the current model. Default: what the settings describe.
 * @throws OpenGatewayError, WeakKeyError
 */
export async function start(
  scope: ServiceScope,
  config: GatewayConfig,
  link: ServiceLink,
  model: () => ServedModel = () => modelOfSettings(config),
): Promise<Gateway> {
  return scope.own(await startGateway({ ...link, ...gatewaySettings(config), model }));
}
