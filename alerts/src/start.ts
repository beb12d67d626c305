import { join } from "node:path";
import type { ServiceLink, ServiceScope } from "@streamgauge/core";
import { receiversOf } from "./receivers/receivers.js";
import { startAlerts, type Alerts } from "./service.js";
import type { AlertsConfig } from "./settings.js";

/** Starts to deliver the alerts of all lanes. */
export async function start(scope: ServiceScope, config: AlertsConfig, link: ServiceLink): Promise<Alerts> {
  return scope.own(await startWith(config, link, join(config.LOGS_DIR, ".state", "alerts.json")));
}

/** Starts the service with a state of its own, to try the receivers of these settings. */
export async function startForTest(config: AlertsConfig, link: AlertsLink, statePath: string): Promise<Alerts> {
  return startWith(config, link, statePath);
}

type AlertsLink = Pick<ServiceLink, "bus" | "log" | "registry">;

function startWith(config: AlertsConfig, { bus, log, registry }: AlertsLink, statePath: string): Promise<Alerts> {
  const { LOGS_DIR: logsDir, ALERTS_PER_HOUR: perHour } = config;
  return startAlerts({ bus, log, registry, logsDir, statePath, perHour, receivers: receiversOf(config) });
}
