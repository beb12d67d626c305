import { flag, milliseconds, text, url, wholeNumber, type CommonConfig, type Config, type DataConfig } from "@streamgauge/core";
import type { GatewayOptions } from "./gateway-options.js";

/** The settings of the gateway. */
export const GATEWAY_SETTINGS = {
  GATEWAY_HOST: text("Address of the gateway. One that is not loopback needs `API_KEYS`.", "127.0.0.1"),
  GATEWAY_PORT: wholeNumber("Port of the gateway; 0 = a free one, which is logged.", 8_080, 0, 65_535),
  API_KEYS: text(
    "Keys that may write through the gateway, of 16 characters or more, separated by commas. Default: anyone on this machine.",
  ),
  READ_KEYS: text(
    "Keys that may read through the gateway, of 16 characters or more, separated by commas; those of `API_KEYS` may, too. Default: anyone who reaches it.",
  ),
  GATEWAY_OPEN: flag(
    "1 = the gateway takes writes without a key on any address, for a container whose port is published on loopback alone.",
  ),
  GATEWAY_RATE_LIMIT: wholeNumber("Requests a second that the gateway takes from one address.", 20_000, 1, 1_000_000),
  DATABASE_URL: url(
    "PostgreSQL of the gateway, as `postgres://user:password@host:5432/name`. Default: PGlite below `LOGS_DIR`.",
    ["postgres:", "postgresql:"],
    "postgres://user:password@host:5432/name",
  ),
  GATEWAY_RETENTION_MS: milliseconds(
    "How long the gateway keeps predictions, and jobs that are over, in ms; 0 = until someone removes them.",
    0,
  ),
  RABBITMQ_PAGE_URL: url(
    "RabbitMQ's page, which the gateway shows at `/rabbitmq/`, as `http://host:15672`.",
    ["http:", "https:"],
    "http://host:15672",
  ),
  STATUS_URLS: text("Services that the gateway's `/status` asks, as `name=http://host:port`, separated by commas."),
} as const;

/** All settings that the gateway reads. */
export type GatewayConfig = CommonConfig & DataConfig & Config<typeof GATEWAY_SETTINGS>;

/** The gateway's options, from its settings. */
export function gatewaySettings(config: GatewayConfig) {
  return {
    logsDir: config.LOGS_DIR,
    partitions: config.PARTITIONS,
    host: config.GATEWAY_HOST,
    port: config.GATEWAY_PORT,
    apiKeys: config.API_KEYS,
    readKeys: config.READ_KEYS,
    open: config.GATEWAY_OPEN,
    rateLimit: config.GATEWAY_RATE_LIMIT,
    databaseUrl: config.DATABASE_URL,
    retentionMs: config.GATEWAY_RETENTION_MS,
    rabbitPageUrl: config.RABBITMQ_PAGE_URL,
    statusUrls: config.STATUS_URLS,
    textColumns: config.TEXT_COLUMNS,
    timeColumn: config.TIME_COLUMN,
    timeZone: config.TIME_ZONE,
  } satisfies Partial<GatewayOptions>;
}
