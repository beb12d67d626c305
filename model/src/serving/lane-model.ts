import { CHAMPION, modelOfLane, type Closable, type HealthServer, type Logger } from "@streamgauge/core";
import type { Registry } from "prom-client";
import type { ModelConfig } from "../settings.js";
import { modelOptions } from "../session/model-options.js";
import { openRemoteScorer } from "../remote/remote-scorer.js";
import { ActiveScorer } from "../swap/active-scorer.js";
import { fileScorer } from "../session/scorer.js";
import { defaultModelPath, ModelError, ModelRefusedError, openForServing, ProcessModel, type OnnxModel } from "../session/index.js";
import { ModelWatch, type OpenedScorer } from "../swap/model-watch.js";
import type { ModelVersion } from "../swap/model-versions.js";
import { ChampionVersions, isUrl, versionsAt } from "../swap/promotion.js";
import { RowSample } from "../swap/row-sample.js";
import { writeScorerStatus } from "../swap/scorer-status.js";

export interface LaneModelOptions {
  readonly config: ModelConfig;
  readonly lane: string;
  readonly log: Logger;
  readonly registry: Registry;
  /** Where a newer model can be asked for. */
  readonly health: HealthServer;
  readonly signal: AbortSignal;
}

/** What scores a lane, and the next ones that take over. */
export interface LaneModel extends Closable {
  readonly active: ActiveScorer;
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
  const place = placeOf(config, lane);
  const champion = new ChampionVersions(place, config.LOGS_DIR);
  const versions = lane === CHAMPION ? () => champion.versions() : () => versionsAt(place);
  const options = await modelOptions(config, config.DATASET_PATH);

  const openRemote = async (url: string, giveUp: AbortSignal): Promise<OpenedScorer> => {
    const { MODEL_CONCURRENCY: concurrency, MODEL_TIMEOUT_MS: timeLimitMs } = config;
    const { features, dataset, output } = options;
    return { scorer: await openRemoteScorer({ url, concurrency, timeLimitMs, features, dataset, output, log, signal: giveUp }) };
  };
  const openBeside = async (path: string, giveUp: AbortSignal): Promise<OpenedScorer> => {
    const model = await ProcessModel.open(path, options, giveUp);
    tellNotes(model, log);
    return { scorer: fileScorer(model), died: model.died };
  };
  const openHere = async (path: string): Promise<OpenedScorer> => {
    const model = await openForServing(path, config.BATCH_ROWS, options);
    tellNotes(model, log);
    return { scorer: fileScorer(model) };
  };

  const { opened, loaded } = await openFirst(await versions(), place, log, (path) => {
    if (isUrl(path)) return openRemote(path, signal);
    return lane === CHAMPION ? openHere(path) : openBeside(path, signal);
  });
  const active = new ActiveScorer(opened.scorer);
  const onChange = (model: string) => writeScorerStatus(config.LOGS_DIR, lane, { model, since: Date.now() });
  const watch = new ModelWatch({
    versions,
    loaded,
    active,
    sample,
    lane,
    log,
    registry,
    onChange,
    open: ({ path }, giveUp) =>
      isUrl(path) ? openRemote(path, AbortSignal.any([giveUp, AbortSignal.timeout(SERVER_MS)])) : openBeside(path, giveUp),
  });
  watch.guard(opened);
  onChange(opened.scorer.label);
  const reload = async () => {
    const reloaded = await watch.reload();
    return { status: reloaded.done ? 200 : 422, body: reloaded };
  };
  health.onPost(`/model/${lane}/reload`, reload);
  if (lane === config.LANE) health.onPost("/model/reload", reload);
  return {
    active,
    sample,
    close: async () => {
      await watch.close();
      await active.close();
    },
  };
}

/** How long a server that is to take over may take to be ready. */
const SERVER_MS = 30_000;

function tellNotes({ name, notes }: OnnxModel, log: Logger): void {
  for (const note of notes) log.info(`Model ${name}: ${note}.`);
}

/** Where a lane's model is: a path, or the URL of a server. */
export function placeOf(config: Pick<ModelConfig, "LANES" | "MODEL_URL" | "MODEL_PATH">, lane: string): string {
  const places = [modelOfLane(config, lane), config.MODEL_URL, config.MODEL_PATH, defaultModelPath];
  return places.find((place) => place !== "") ?? defaultModelPath;
}

/** The first version that can be used. @throws ModelError: what is wrong with the one that is wanted most. */
async function openFirst(
  versions: readonly ModelVersion[],
  place: string,
  log: Logger,
  open: (path: string) => Promise<OpenedScorer>,
): Promise<{ readonly opened: OpenedScorer; readonly loaded: ModelVersion }> {
  let worst: unknown;
  for (const version of versions) {
    try {
      return { opened: await open(version.path), loaded: version };
    } catch (error) {
      if (!(error instanceof ModelError || error instanceof ModelRefusedError) || versions.length === 1) throw error;
      log.warn(error.message);
      worst ??= error;
    }
  }
  if (worst !== undefined) throw worst;
  // There is no such file, or no model in the folder: opening it says so.
  return { opened: await open(place), loaded: { path: place, mark: "" } };
}
