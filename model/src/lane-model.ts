import type { Closable, HealthServer, Logger, StreamgaugeConfig } from "@streamgauge/core";
import type { Registry } from "prom-client";
import { modelOptions } from "./model-options.js";
import { openRemoteScorer } from "./remote/remote-scorer.js";
import { ScorerHolder } from "./scorer-holder.js";
import { fileScorer, type Scorer } from "./scorer.js";
import { defaultModelPath, ModelError, openForServing, type OpenModelOptions } from "./session/index.js";
import { ModelWatch } from "./swap/model-watch.js";
import { modelVersions, type ModelVersion } from "./swap/model-versions.js";
import { RowSample } from "./swap/row-sample.js";

export interface LaneModelOptions {
  readonly config: StreamgaugeConfig;
  readonly lane: string;
  readonly log: Logger;
  readonly registry: Registry;
  /** Where a newer model can be asked for. */
  readonly health: HealthServer;
  readonly signal: AbortSignal;
}

/** What scores a lane, and the next ones that take over. */
export interface LaneModel extends Closable {
  readonly holder: ScorerHolder;
  readonly sample: RowSample;
  close(): Promise<void>;
}

/**
 * Opens what the settings name: a model on a server; or one from a file, or the newest one of a folder, and then watches for
 * the next.
 *
 * @throws ModelError, RemoteModelError: one line that says what to do.
 */
export async function openLaneModel({ config, lane, log, registry, health, signal }: LaneModelOptions): Promise<LaneModel> {
  const {
    MODEL_URL: url,
    MODEL_PATH: given,
    MODEL_CONCURRENCY: concurrency,
    MODEL_TIMEOUT_MS: timeLimitMs,
    BATCH_ROWS: batchRows,
  } = config;
  const sample = new RowSample();
  if (url !== "") {
    const holder = new ScorerHolder(await openRemoteScorer({ url, concurrency, timeLimitMs, features: undefined, log, signal }));
    return { holder, sample, close: () => holder.close() };
  }
  const path = given === "" ? defaultModelPath : given;
  const open = await modelOptions(config, config.DATASET_PATH);
  const { scorer, loaded } = await openFirst(path, batchRows, open, log);
  const holder = new ScorerHolder(scorer);
  const watch = new ModelWatch({ path, loaded, holder, sample, open, lane, log, registry });
  health.onPost("/model/reload", async () => {
    const reloaded = await watch.reload();
    return { status: reloaded.done ? 200 : 422, body: reloaded };
  });
  return {
    holder,
    sample,
    close: async () => {
      await watch.close();
      await holder.close();
    },
  };
}

/** The first version that can be used. @throws ModelError: what is wrong with the one that is wanted most. */
async function openFirst(
  path: string,
  batchRows: number,
  open: OpenModelOptions,
  log: Logger,
): Promise<{ readonly scorer: Scorer; readonly loaded: ModelVersion }> {
  const versions = await modelVersions(path);
  let worst: ModelError | undefined;
  for (const version of versions) {
    try {
      return { scorer: await openTold(version.path, batchRows, open, log), loaded: version };
    } catch (error) {
      if (!(error instanceof ModelError) || versions.length === 1) throw error;
      log.warn(error.message);
      worst ??= error;
    }
  }
  if (worst !== undefined) throw worst;
  // There is no such file, or no model in the folder: opening it says so.
  return { scorer: await openTold(path, batchRows, open, log), loaded: { path, mark: "" } };
}

/** Opens a model, and says how it is served where that is not plain. */
async function openTold(path: string, batchRows: number, open: OpenModelOptions, log: Logger): Promise<Scorer> {
  const model = await openForServing(path, batchRows, open);
  for (const note of model.notes) log.info(`Model ${model.name}: ${note}.`);
  return fileScorer(model);
}
