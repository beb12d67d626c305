import { join } from "node:path";
import type { ServiceLink, ServiceScope } from "@streamgauge/core";
import { receiversOf } from "./receivers/receivers.js";
import { startAlerts, type Alerts } from "./service.js";
import type { AlertsConfig } from "./settings.js";

/** Starts to deliver the alerts of all lanes. */
export async function start(scope: ServiceScope, config: AlertsConfig, { bus, log, registry }: ServiceLink): Promise<Alerts> {
  const { LOGS_DIR: logsDir, ALERTS_PER_HOUR: perHour } = config;
  const statePath = join(logsDir, ".state", "alerts.json");
  return scope.own(await startAlerts({ bus, log, registry, logsDir, statePath, perHour, receivers: receiversOf(config) }));
}
