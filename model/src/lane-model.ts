import { CHAMPION, modelOfLane, type Closable, type HealthServer, type Logger, type StreamgaugeConfig } from "@streamgauge/core";
import type { Registry } from "prom-client";
import { modelOptions } from "./model-options.js";
import { openRemoteScorer } from "./remote/remote-scorer.js";
import { ScorerHolder } from "./scorer-holder.js";
import { fileScorer } from "./scorer.js";
import { defaultModelPath, ModelError, ModelRefusedError, openForServing, ProcessModel, type OnnxModel } from "./session/index.js";
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
 * Opens what the settings name for a lane: a model on a server; or one from a file, or the newest one of a folder, and then
 * watches for the next. The champion's is opened in this process where that is fastest; any other in a process of its
 * own, so that it holds nobody up.
 *
 * @throws ModelError, RemoteModelError: one line that says what to do.
 */
export async function openLaneModel({ config, lane, log, registry, health, signal }: LaneModelOptions): Promise<LaneModel> {
  const sample = new RowSample();
  const open = await modelOptions(config, config.DATASET_PATH);
  const { url, path } = placeOf(config, lane);
  if (url !== "") {
    const { MODEL_CONCURRENCY: concurrency, MODEL_TIMEOUT_MS: timeLimitMs } = config;
    const { features, dataset } = open;
    const holder = new ScorerHolder(await openRemoteScorer({ url, concurrency, timeLimitMs, features, dataset, log, signal }));
    return { holder, sample, close: () => holder.close() };
  }
  const { model, loaded } = await openFirst(path, log, (file) => {
    return lane === CHAMPION ? openForServing(file, config.BATCH_ROWS, open) : ProcessModel.open(file, open, signal);
  });
  for (const note of model.notes) log.info(`Model ${model.name}: ${note}.`);
  const scorer = fileScorer(model);
  const holder = new ScorerHolder(scorer);
  const watch = new ModelWatch({ path, loaded, holder, sample, open, lane, log, registry });
  if (model instanceof ProcessModel) watch.guard(model, scorer);
  const reload = async () => {
    const reloaded = await watch.reload();
    return { status: reloaded.done ? 200 : 422, body: reloaded };
  };
  health.onPost(`/model/${lane}/reload`, reload);
  if (lane === config.LANE) health.onPost("/model/reload", reload);
  return {
    holder,
    sample,
    close: async () => {
      await watch.close();
      await holder.close();
    },
  };
}

/** Where a lane's model is: the URL of a server, or else a path. */
function placeOf(config: StreamgaugeConfig, lane: string): { readonly url: string; readonly path: string } {
  const own = modelOfLane(config, lane);
  if (/^https?:\/\//.test(own)) return { url: own, path: "" };
  if (own !== "") return { url: "", path: own };
  return { url: config.MODEL_URL, path: config.MODEL_PATH === "" ? defaultModelPath : config.MODEL_PATH };
}

/** The first version that can be used. @throws ModelError: what is wrong with the one that is wanted most. */
async function openFirst(
  path: string,
  log: Logger,
  open: (file: string) => Promise<OnnxModel>,
): Promise<{ readonly model: OnnxModel; readonly loaded: ModelVersion }> {
  const versions = await modelVersions(path);
  let worst: unknown;
  for (const version of versions) {
    try {
      return { model: await open(version.path), loaded: version };
    } catch (error) {
      if (!(error instanceof ModelError || error instanceof ModelRefusedError) || versions.length === 1) throw error;
      log.warn(error.message);
      worst ??= error;
    }
  }
  if (worst !== undefined) throw worst;
  // There is no such file, or no model in the folder: opening it says so.
  return { model: await open(path), loaded: { path, mark: "" } };
}
