import { CHAMPION, lanesOf, registryOf, runWorker } from "@streamgauge/core";
import { startComparisonPlot } from "./comparison/comparison-plot.js";
import { startPlot } from "./service.js";

await runWorker("plot", async ({ config, own, bus, log, registry, health }) => {
  for (const lane of lanesOf(config)) {
    const ofLane = lane === config.LANE ? registry : registryOf(lane);
    if (ofLane !== registry) health.addRegistry(ofLane);
    const options = { bus, log, registry: ofLane, logsDir: config.LOGS_DIR, lane };
    own(await startPlot(options));
    if (lane !== CHAMPION) own(await startComparisonPlot(options));
  }
});
