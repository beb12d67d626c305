import { CHAMPION, ConfigError, type Closable, type Logger } from "@streamgauge/core";
import { openRemoteScorer } from "../remote/remote-scorer.js";
import { ModelError, ModelRefusedError, openForServing, ForkedModel, type OnnxModel, type OpenModelOptions } from "../session/index.js";
import { fileScorer, type Scorer } from "../session/scorer.js";
import type { ModelConfig } from "../settings.js";
import { isUrl } from "../swap/model-place.js";
import type { ModelVersion } from "../swap/model-versions.js";
import type { OpenedScorer } from "../swap/model-watch.js";
import { unwatchedFeatures, type WatchedModel } from "./unwatched-features.js";

/** How long a server that is to take over may take to be ready. */
const SERVER_MS = 30_000;

export interface ScorerOpenerOptions {
  readonly config: ModelConfig;
  /** How the settings want a model opened. */
  readonly model: OpenModelOptions;
  readonly lane: string;
  readonly log: Logger;
  /** Ends the wait for a server that is not there. */
  readonly signal: AbortSignal;
}

/** Opens what scores a lane: a model on a server, in this process, or in a process of its own. */
export class ScorerOpener {
  readonly #options: ScorerOpenerOptions;

  constructor(options: ScorerOpenerOptions) {
    this.#options = options;
  }

  /**
   * Opens the first version that can be used.
   *
   * @param place - opened if it has no version, to say why.
   * @throws ModelError, RemoteModelError: what is wrong with the one that is wanted most. ConfigError: its drift cannot be watched as it is set.
   */
  async first(versions: readonly ModelVersion[], place: string): Promise<{ readonly opened: OpenedScorer; readonly loaded: ModelVersion }> {
    let worst: unknown;
    for (const version of versions) {
      try {
        return { opened: await this.#openFirst(version.path), loaded: version };
      } catch (error) {
        if (!(error instanceof ModelError || error instanceof ModelRefusedError) || versions.length === 1) throw error;
        this.#options.log.warn(error.message);
        worst ??= error;
      }
    }
    if (worst !== undefined) throw worst;
    return { opened: await this.#openFirst(place), loaded: { path: place, mark: "" } };
  }

  /** Opens one that is to take over, beside the one that scores. @throws Error that says in one line why it cannot be used. */
  next(path: string, giveUp: AbortSignal): Promise<OpenedScorer> {
    return isUrl(path) ? this.#onServer(path, AbortSignal.any([giveUp, AbortSignal.timeout(SERVER_MS)])) : this.#inProcess(path, giveUp);
  }

  /** The champion's is opened here, where calls are fastest; another lane's must not hold it up. */
  #openFirst(path: string): Promise<OpenedScorer> {
    const { lane, signal } = this.#options;
    if (isUrl(path)) return this.#onServer(path, signal, true);
    return lane === CHAMPION ? this.#here(path) : this.#inProcess(path, signal, true);
  }

  async #onServer(url: string, giveUp: AbortSignal, isFirst = false): Promise<OpenedScorer> {
    const { config, model, log } = this.#options;
    const { MODEL_CONCURRENCY: concurrency, MODEL_TIMEOUT_MS: timeLimitMs } = config;
    const { features, dataset, output } = model;
    const scorer = await openRemoteScorer({ url, concurrency, timeLimitMs, features, dataset, output, log, signal: giveUp });
    await this.#checkWatched({ name: scorer.label, features: scorer.features, close: () => scorer.close() }, isFirst);
    return { scorer };
  }

  async #inProcess(path: string, giveUp: AbortSignal, isFirst = false): Promise<OpenedScorer> {
    const model = await ForkedModel.open(path, this.#options.model, giveUp);
    return { scorer: await this.#scorerOf(model, isFirst), died: model.died };
  }

  async #here(path: string): Promise<OpenedScorer> {
    const model = await openForServing(path, this.#options.config.BATCH_ROWS, this.#options.model);
    return { scorer: await this.#scorerOf(model, true) };
  }

  async #scorerOf(model: OnnxModel, isFirst: boolean): Promise<Scorer> {
    this.#sayNotes(model);
    await this.#checkWatched(model, isFirst);
    return fileScorer(model, this.#options.config.MONITOR_FEATURES);
  }

  /** A challenger, or a version that takes over while rows come, may lack a feature of the model that the setting was written for. */
  async #checkWatched(model: WatchedModel & Closable, isFirst: boolean): Promise<void> {
    const { config, lane, log } = this.#options;
    const problem = unwatchedFeatures(model, config.MONITOR_FEATURES);
    if (problem === undefined) return;
    if (!isFirst || lane !== config.LANE) return log.warn(problem);
    await model.close();
    throw new ConfigError([problem]);
  }

  #sayNotes({ name, notes }: OnnxModel): void {
    for (const note of notes) this.#options.log.info(`Model ${name}: ${note}.`);
  }
}
