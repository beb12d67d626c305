import { BackOff, ConfigError, type Logger, errorText } from "@streamgauge/core";
import { ScoringError, type Predictions, type Scorer } from "../session/scorer.js";
import { valuesBetween, type FeatureKind, type FeatureValues, type Precision } from "../session/index.js";
import { predictionsIn, requestBody } from "./inference-request.js";
import { readAnswer, readMetadata } from "./inference-protocol.js";
import { ModelServer, type ModelServerOptions } from "./model-server.js";
import { parseModelUrl, type ModelUrl } from "./model-url.js";
import { remoteSignature, type RemoteSignature } from "./remote-signature.js";

export interface RemoteScorerOptions extends Pick<ModelServerOptions, "timeLimitMs"> {
  readonly url: string;
  /** Calls that may be under way at once. */
  readonly concurrency: number;
  /** Names of the columns, for a model with one matrix. */
  readonly features: readonly string[] | undefined;
  /** The dataset's columns beside target and id: their order is taken if nothing else names the columns. */
  readonly dataset?: readonly string[] | undefined;
  /** Which output is the prediction, as in the setting OUTPUT. */
  readonly output?: string | undefined;
  readonly log: Logger;
  /** Ends the wait for a server that is not there. */
  readonly signal: AbortSignal;
  /** See ModelServerOptions. */
  readonly backOffMs?: readonly [number, number];
  readonly patienceMs?: number;
}

/** A model on a server that cannot be used. The message is one line. */
export class RemoteModelError extends Error {
  override readonly name = "RemoteModelError";

  constructor(url: ModelUrl, problem: string, options?: ErrorOptions) {
    super(`Model ${url.base}: ${problem}.`, options);
  }
}

const BACK_OFF_MS = [100, 5_000] as const;
/**
 * Below the half hour after which RabbitMQ takes a message back from its consumer. A message that comes again 50 times is a dead letter: after
 * some 16 hours.
 */
const PATIENCE_MS = 20 * 60_000;
/** A server that has just been started may not know its models yet. */
const UNKNOWN_MS = 10_000;
const MAX_LABEL = 200;

/**
 * A model on a server that speaks the Open Inference Protocol (KServe, Triton, MLServer). Waits until the server says
 * that it is ready, and reads what the model takes.
 *
 * @throws RemoteModelError if the server does not know the model, or rows cannot be put to it.
 */
export async function openRemoteScorer(options: RemoteScorerOptions): Promise<Scorer> {
  const { log, timeLimitMs, backOffMs = BACK_OFF_MS, patienceMs = PATIENCE_MS } = options;
  const url = urlIn(options.url);
  const server = new ModelServer(url, {
    timeLimitMs,
    backOffMs,
    patienceMs,
    onChange: (isThere, words) => {
      if (isThere) log.info(`The server of model ${url.name} is back.`);
      else log.warn(`The server of model ${url.name} is away, rows wait for it: ${words}.`);
    },
  });
  const text = await awaitMetadata(server, url, options);
  try {
    const metadata = readMetadata(text);
    const signature = remoteSignature(metadata, options.features, options.dataset, options.output);
    if (signature.note !== undefined) log.info(`Model ${url.name}: ${signature.note}.`);
    const version = url.version ?? metadata.versions.at(-1) ?? "";
    return new RemoteScorer(server, signature, labelOf(metadata.name ?? url.name, version), options.concurrency);
  } catch (cause) {
    server.close();
    throw new RemoteModelError(url, errorText(cause), { cause });
  }
}

function urlIn(text: string): ModelUrl {
  try {
    return parseModelUrl(text);
  } catch (error) {
    throw new ConfigError([`MODEL_URL ${errorText(error)}.`]);
  }
}

async function awaitMetadata(
  server: ModelServer,
  url: ModelUrl,
  { log, signal, backOffMs = BACK_OFF_MS }: RemoteScorerOptions,
): Promise<string> {
  const backOff = new BackOff(...backOffMs);
  const began = performance.now();
  let isSaid = false;
  for (;;) {
    const { ready, words } = await server.readiness();
    try {
      const metadata = await server.metadata();
      if (ready) return metadata;
    } catch (error) {
      const status: unknown = error instanceof Error ? Reflect.get(error, "status") : undefined;
      const isUnknown = typeof status === "number" && status >= 300 && status < 500;
      if (isUnknown && performance.now() - began > Math.min(UNKNOWN_MS, 10 * backOffMs[1]))
        throw new RemoteModelError(url, errorText(error), { cause: error });
    }
    if (!isSaid) log.warn(`Model ${url.base} is not ready (${words}). Trying again until it is.`);
    isSaid = true;
    await backOff.wait(signal);
    if (signal.aborted) throw new RemoteModelError(url, "it was not ready before the end");
  }
}

class RemoteScorer implements Scorer {
  /** Follows the answers: a server may take another version meanwhile. */
  label: string;
  readonly features: readonly string[];
  readonly kinds: readonly FeatureKind[];
  readonly precisions: readonly Precision[];
  readonly allowsMissing = false;
  readonly concurrency: number;
  readonly #server: ModelServer;
  readonly #signature: RemoteSignature;
  /** Of answers that do not say which model they are of. */
  readonly #declared: string;

  constructor(server: ModelServer, signature: RemoteSignature, label: string, concurrency: number) {
    this.#server = server;
    this.#signature = signature;
    this.label = label;
    this.#declared = label;
    this.features = signature.features;
    this.kinds = signature.kinds;
    this.precisions = signature.precisions;
    this.concurrency = concurrency;
  }

  async score(rows: number, values: readonly FeatureValues[]): Promise<Predictions> {
    const { fixedRows } = this.#signature;
    if (fixedRows === undefined) return this.#call(rows, values);
    const yPred = new Float64Array(rows);
    let model: string | undefined;
    for (let from = 0; from < rows; from += fixedRows) {
      const count = Math.min(fixedRows, rows - from);
      const part = values.map((column) => padded(valuesBetween(column, from, from + count), fixedRows));
      const answers = await this.#call(fixedRows, part);
      model ??= answers.model;
      if (answers.model !== model) {
        const words = `the server changed its model from ${model} to ${answers.model} meanwhile`;
        throw new ScoringError(words, { forGood: false, blame: "model" });
      }
      yPred.set(answers.yPred.subarray(0, count), from);
    }
    return { yPred, model: model ?? this.label, unit: "" };
  }

  async #call(rows: number, columns: readonly FeatureValues[]): Promise<Predictions> {
    const text = await this.#server.infer(requestBody(this.#signature, rows, columns), rows);
    try {
      const answer = readAnswer(text);
      const yPred = predictionsIn(answer, this.#signature, rows);
      const { model: name, version } = answer;
      const model = name === undefined || version === undefined ? this.#declared : labelOf(name, version);
      this.label = model;
      return { yPred, model, unit: "" };
    } catch (cause) {
      const words = errorText(cause);
      throw new ScoringError(`the server cannot be understood: ${words}`, { forGood: true, blame: "unknown", cause });
    }
  }

  async close(): Promise<void> {
    this.#server.close();
  }
}

/** The last row again, as often as is needed. */
function padded(column: FeatureValues, length: number): FeatureValues {
  if (column.length === length) return column;
  if (!(column instanceof Float64Array)) return Array.from({ length }, (_, row) => column[Math.min(row, column.length - 1)] ?? "");
  const full = new Float64Array(length).fill(column.at(-1) ?? 0);
  full.set(column);
  return full;
}

function labelOf(name: string, version: string): string {
  return (version === "" ? name : `${name}@${version}`).slice(0, MAX_LABEL);
}
