import { CHAMPION, runWorker } from "@streamgauge/core";
import { startPlot } from "./service.js";

await runWorker("plot", async ({ config, own, bus, log, registry }) => {
  own(await startPlot({ bus, log, registry, logsDir: config.LOGS_DIR, lane: CHAMPION }));
});
