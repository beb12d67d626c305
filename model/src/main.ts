import { lanesOf, runWorker } from "@streamgauge/core";
import { openLaneModel } from "./serving/lane-model.js";
import { startScoring } from "./serving/scoring.js";

await runWorker("model", async ({ config, own, bus, log, registry, health, signal }) => {
  const lane = config.LANE;
  const { active, sample } = own(await openLaneModel({ config, lane, log, registry, health, signal }));
  const sharesRows = lanesOf(config).length > 1;
  const { BATCH_ROWS: batchRows, BATCH_DELAY_MS: batchDelayMs } = config;
  own(await startScoring({ bus, log, registry, active, sample, lane, sharesRows, batchRows, batchDelayMs }));
});
