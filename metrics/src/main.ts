import { runWorker } from "@streamgauge/core";
import { startMetrics } from "./service.js";

await runWorker("metrics", async ({ config, own, bus, log, registry }) => {
  own(await startMetrics({ bus, log, registry, logsDir: config.LOGS_DIR, lane: config.LANE, retentionMs: config.LABEL_RETENTION_MS }));
});
