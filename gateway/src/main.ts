import { CHAMPION, runWorker, topologyOf, withGateway } from "@streamgauge/core";
import { startGateway } from "./service.js";

await runWorker(
  "gateway",
  async ({ config, own, bus, log, registry }) => {
    own(
      await startGateway({
        bus,
        log,
        registry,
        lane: CHAMPION,
        logsDir: config.LOGS_DIR,
        host: config.GATEWAY_HOST,
        port: config.GATEWAY_PORT,
        apiKeys: config.API_KEYS,
        open: config.GATEWAY_OPEN,
        databaseUrl: config.DATABASE_URL,
        rabbitPageUrl: config.RABBITMQ_PAGE_URL,
        statusUrls: config.STATUS_URLS,
        rateLimit: config.GATEWAY_RATE_LIMIT,
      }),
    );
  },
  withGateway(topologyOf([CHAMPION]), CHAMPION),
);
