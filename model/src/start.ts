import { DATA_SETTINGS, REFERENCE_SETTINGS, lanesOf, type ServiceLink, type ServiceScope } from "@streamgauge/core";
import { openLaneModel, type LaneModel } from "./serving/lane-model.js";
import { startScoring, type Scoring } from "./serving/scoring.js";
import { MODEL_SETTINGS, type ModelConfig } from "./settings.js";

/** All settings that model reads beside the common ones. */
export const SETTINGS = { ...DATA_SETTINGS, ...REFERENCE_SETTINGS, ...MODEL_SETTINGS };

/** The running service. */
export interface Model {
  /** What scores the lane now. */
  readonly active: LaneModel["active"];
  readonly scoring: Scoring;
}

/** Opens the model of the lane of its link, and scores rows with it. @throws ModelError, RemoteModelError */
export async function start(scope: ServiceScope, config: ModelConfig, link: ServiceLink): Promise<Model> {
  const { active, sample } = scope.own(await openLaneModel({ ...link, config, signal: scope.signal }));
  const sharesRows = lanesOf(config).length > 1;
  const { BATCH_ROWS: batchRows, BATCH_DELAY_MS: batchDelayMs, PARTITIONS: partitions } = config;
  const { REFERENCE_ROWS: referenceRows, MONITOR_FEATURES: monitored } = config;
  const scoring = scope.own(
    await startScoring({
      ...link,
      partitions,
      active,
      sample,
      sharesRows,
      batchRows,
      batchDelayMs,
      referenceRows,
      monitored,
    }),
  );
  return { active, scoring };
}
