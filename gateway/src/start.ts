import { DATA_SETTINGS, type ServiceLink, type ServiceScope } from "@streamgauge/core";
import type { GatewayOptions } from "./gateway-options.js";
import { modelOfSettings, type ServedModel } from "./served-model.js";
import { startGateway, type Gateway } from "./service.js";
import { GATEWAY_SETTINGS, gatewaySettings, type GatewayConfig } from "./settings.js";

/** The gateway's settings, without the common ones. */
export const SETTINGS = { ...DATA_SETTINGS, ...GATEWAY_SETTINGS };

/**
 * Serves HTTP for the lane of its link.
 *
 * @param model - the current model. Default: what the settings describe.
 * @param runs - services that run in this process beside the gateway.
 * @throws OpenGatewayError, WeakKeyError
 */
export async function start(
  scope: ServiceScope,
  config: GatewayConfig,
  link: ServiceLink,
  model: () => ServedModel = () => modelOfSettings(config),
  runs: GatewayOptions["runs"] = () => [],
): Promise<Gateway> {
  return scope.own(await startGateway({ ...link, ...gatewaySettings(config), model, runs, fail: scope.fail }));
}
