import { CHAMPION, runWorker } from "@streamgauge/core";
import { openScorer } from "./open-scorer.js";
import { ScorerHolder } from "./scorer-holder.js";
import { startScoring } from "./service.js";

await runWorker("model", async ({ config, own, bus, log, registry, signal }) => {
  const holder = own(new ScorerHolder(await openScorer(config, log, signal)));
  own(
    await startScoring({ bus, log, registry, holder, lane: CHAMPION, batchRows: config.BATCH_ROWS, batchDelayMs: config.BATCH_DELAY_MS }),
  );
});
