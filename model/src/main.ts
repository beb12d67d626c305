import { CHAMPION, runWorker } from "@streamgauge/core";
import { openLaneModel } from "./lane-model.js";
import { startScoring } from "./service.js";

await runWorker("model", async ({ config, own, bus, log, registry, health, signal }) => {
  const lane = CHAMPION;
  const { holder, sample } = own(await openLaneModel({ config, lane, log, registry, health, signal }));
  own(await startScoring({ bus, log, registry, holder, sample, lane, batchRows: config.BATCH_ROWS, batchDelayMs: config.BATCH_DELAY_MS }));
});
