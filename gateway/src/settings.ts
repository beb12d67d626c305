import type { StreamgaugeConfig } from "@streamgauge/core";
import { modelOfSettings } from "./served-model.js";
import type { GatewayOptions } from "./service.js";

/** What the settings say about the gateway. */
export function gatewaySettings(config: StreamgaugeConfig) {
  const model = modelOfSettings(config);
  return {
    model: () => model,
    logsDir: config.LOGS_DIR,
    host: config.GATEWAY_HOST,
    port: config.GATEWAY_PORT,
    apiKeys: config.API_KEYS,
    open: config.GATEWAY_OPEN,
    rateLimit: config.GATEWAY_RATE_LIMIT,
    databaseUrl: config.DATABASE_URL,
    retentionMs: config.GATEWAY_RETENTION_MS,
    rabbitPageUrl: config.RABBITMQ_PAGE_URL,
    statusUrls: config.STATUS_URLS,
    textColumns: config.TEXT_COLUMNS,
  } satisfies Partial<GatewayOptions>;
}
