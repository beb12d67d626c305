import type { Logger, StreamgaugeConfig } from "@streamgauge/core";
import { openRemoteScorer } from "./remote/remote-scorer.js";
import { fileScorer, type Scorer } from "./scorer.js";
import { defaultModelPath, openForServing } from "./session/index.js";

type ScorerSettings = Pick<StreamgaugeConfig, "MODEL_PATH" | "MODEL_URL" | "MODEL_CONCURRENCY" | "MODEL_TIMEOUT_MS" | "BATCH_ROWS">;

/** Opens what the settings name: a model on a server, or one from a file. @throws ModelError, RemoteModelError: one line that says what to do. */
export async function openScorer(config: ScorerSettings, log: Logger, signal: AbortSignal): Promise<Scorer> {
  const { MODEL_PATH: path, MODEL_URL: url, MODEL_CONCURRENCY: concurrency, MODEL_TIMEOUT_MS: timeLimitMs, BATCH_ROWS: batchRows } = config;
  if (url !== "") return openRemoteScorer({ url, concurrency, timeLimitMs, features: undefined, log, signal });
  return fileScorer(await openForServing(path === "" ? defaultModelPath : path, batchRows));
}
