import { CHAMPION, runWorker } from "@streamgauge/core";
import { startScoring } from "./service.js";
import { defaultModelPath, openForServing } from "./session/index.js";

await runWorker("model", async ({ config, own, bus, log, registry }) => {
  const model = own(await openForServing(config.MODEL_PATH === "" ? defaultModelPath : config.MODEL_PATH, config.BATCH_ROWS));
  own(await startScoring({ bus, log, registry, model, lane: CHAMPION, batchRows: config.BATCH_ROWS, batchDelayMs: config.BATCH_DELAY_MS }));
});
