import { CHAMPION, unknownFeatures, type Logger } from "@streamgauge/core";
import { openRemoteScorer } from "../remote/remote-scorer.js";
import { ModelError, ModelRefusedError, openForServing, ForkedModel, type OnnxModel, type OpenModelOptions } from "../session/index.js";
import { fileScorer, type Scorer } from "../session/scorer.js";
import type { ModelConfig } from "../settings.js";
import { isUrl } from "../swap/model-place.js";
import type { ModelVersion } from "../swap/model-versions.js";
import type { OpenedScorer } from "../swap/model-watch.js";

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
   * @throws ModelError, RemoteModelError: what is wrong with the one that is wanted most.
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
    if (isUrl(path)) return this.#onServer(path, signal);
    return lane === CHAMPION ? this.#here(path) : this.#inProcess(path, signal);
  }

  async #onServer(url: string, giveUp: AbortSignal): Promise<OpenedScorer> {
    const { config, model, log } = this.#options;
    const { MODEL_CONCURRENCY: concurrency, MODEL_TIMEOUT_MS: timeLimitMs } = config;
    const { features, dataset, output } = model;
    return { scorer: await openRemoteScorer({ url, concurrency, timeLimitMs, features, dataset, output, log, signal: giveUp }) };
  }

  async #inProcess(path: string, giveUp: AbortSignal): Promise<OpenedScorer> {
    const model = await ForkedModel.open(path, this.#options.model, giveUp);
    return { scorer: this.#scorerOf(model), died: model.died };
  }

  async #here(path: string): Promise<OpenedScorer> {
    const model = await openForServing(path, this.#options.config.BATCH_ROWS, this.#options.model);
    return { scorer: this.#scorerOf(model) };
  }

  #scorerOf(model: OnnxModel): Scorer {
    const { MONITOR_FEATURES: monitored } = this.#options.config;
    this.#sayNotes(model);
    this.#sayUnknown(model, monitored);
    return fileScorer(model, monitored);
  }

  #sayUnknown({ name, reference, features }: OnnxModel, monitored: readonly string[]): void {
    const unknown = reference === undefined ? monitored.filter((one) => !features.includes(one)) : unknownFeatures(reference, monitored);
    if (unknown.length === 0) return;
    const why =
      reference === undefined
        ? `it takes ${features.join(", ").slice(0, 300)}`
        : `its reference has ${Object.keys(reference.features).join(", ").slice(0, 300)}`;
    this.#options.log.warn(`Model ${name}: MONITOR_FEATURES names ${unknown.join(", ")}, whose drift cannot be watched; ${why}.`);
  }

  #sayNotes({ name, notes }: OnnxModel): void {
    for (const note of notes) this.#options.log.info(`Model ${name}: ${note}.`);
  }
}
