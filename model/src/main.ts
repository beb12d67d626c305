import { lanesOf, runWorker } from "@streamgauge/core";
import { openLaneModel } from "./lane-model.js";
import { startScoring } from "./service.js";

await runWorker("model", async ({ config, own, bus, log, registry, health, signal }) => {
  const lane = config.LANE;
  const { holder, sample } = own(await openLaneModel({ config, lane, log, registry, health, signal }));
  const ignoreOthers = lanesOf(config).length > 1;
  const { BATCH_ROWS: batchRows, BATCH_DELAY_MS: batchDelayMs } = config;
  own(await startScoring({ bus, log, registry, holder, sample, lane, ignoreOthers, batchRows, batchDelayMs }));
});
