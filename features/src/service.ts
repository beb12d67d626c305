import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import {
  BusClosedError,
  failpoint,
  FEATURES,
  featuresContract,
  LABELS,
  labelContract,
  type Bus,
  type Closable,
  type FrameFormat,
  type LabelFrame,
  type Logger,
} from "@streamgauge/core";
import { Counter, Gauge, type Registry } from "prom-client";
import { ConfirmedUpTo, readCheckpoint, writeCheckpoint, type Checkpoint } from "./checkpoint.js";
import { Dataset } from "./dataset.js";
import { Pace } from "./pace.js";
import { rowFrames, type RowFrame } from "./row-frames.js";
import { nameRun } from "./run-ids.js";
import { Window } from "./window.js";

export interface FeaturesOptions {
  readonly bus: Bus;
  readonly log: Logger;
  readonly registry: Registry;
  readonly datasetPath: string;
  readonly targetColumn: string;
  readonly idColumn: string;
  readonly rowsPerSecond: number;
  readonly rowLimit: number;
  readonly labelDelayMs: number;
  readonly frameRows: number;
  readonly frameDelayMs: number;
  readonly frameFormat: FrameFormat;
  /** Where the checkpoint is kept; undefined: each start is a new run. */
  readonly logsDir: string | undefined;
  readonly startOver: boolean;
}

/** The running service. */
export interface Features extends Closable {
  /** Resolves when all rows of the limit and their labels are confirmed; rejects where the dataset cannot be used. */
  readonly finished: Promise<void>;
  /** What was sent so far. */
  readonly progress: { readonly run: string; readonly rows: number; readonly malformed: number };
}

/** Rows whose labels may be held back in memory; above it the source waits. */
const MAX_HELD_ROWS = 1_000_000;
/** Rows, and frames, that may be on their way to the broker unconfirmed. */
const MAX_UNCONFIRMED = { rows: 131_072, frames: 1_000 };
/** How long a stop waits for confirms. */
const LAST_CONFIRMS_MS = 3_000;
/** Pause between checkpoints, ms: what is sent again after a crash is recognised by its ids. */
const CHECKPOINT_MS = 200;

/** Sends rows and labels of the dataset at the configured pace until the limit, or until closed. */
export function startFeatures(options: FeaturesOptions): Features {
  const source = new Source(options);
  const finished = source.run();
  // Whoever starts the service waits for `finished`; a failure before that must not end the process by itself.
  finished.catch(() => undefined);
  return {
    finished,
    get progress() {
      return source.progress;
    },
    close: async () => {
      source.stop();
      await finished.catch(() => undefined);
    },
  };
}

class Source {
  readonly #options: FeaturesOptions;
  readonly #dataset: Dataset;
  readonly #checkpointPath: string | undefined;
  readonly #stopping = new AbortController();
  readonly #confirmed = new ConfirmedUpTo<RowFrame>();
  readonly #rowWindow = new Window(MAX_UNCONFIRMED.frames, MAX_UNCONFIRMED.rows);
  readonly #labelWindow = new Window(MAX_UNCONFIRMED.frames, MAX_UNCONFIRMED.rows);
  readonly #held = new Window(Infinity, MAX_HELD_ROWS);
  readonly #rowsSent;
  readonly #labelsSent;
  readonly #malformedLines;
  #start: Pick<Checkpoint, "run" | "rows" | "position"> = { run: "", rows: 0, position: 0 };
  #signature = "";
  #rows = 0;
  #malformed = 0;
  #failure: Error | undefined;

  constructor(options: FeaturesOptions) {
    this.#options = options;
    const { log, registry } = options;
    const registers = [registry];
    this.#rowsSent = new Counter({ registers, name: "streamgauge_features_rows_total", help: "Rows confirmed by the broker." });
    this.#labelsSent = new Counter({ registers, name: "streamgauge_features_labels_total", help: "Labels confirmed by the broker." });
    this.#malformedLines = new Counter({ registers, name: "streamgauge_features_malformed_lines_total", help: "Lines of the dataset that could not be sent." });
    const held = this.#held;
    const window = this.#rowWindow;
    new Gauge({ registers, name: "streamgauge_features_held_labels", help: "Labels held back.", collect() { this.set(held.rows); } });
    new Gauge({ registers, name: "streamgauge_features_unconfirmed_rows", help: "Rows on their way to the broker.", collect() { this.set(window.rows); } });
    this.#dataset = new Dataset({
      path: options.datasetPath,
      targetColumn: options.targetColumn,
      idColumn: options.idColumn,
      onMalformed: (line, problem) => {
        this.#malformed += 1;
        this.#malformedLines.inc();
        log.warn(`Line ${line} of ${options.datasetPath} is not sent: ${problem}.`);
      },
    });
    this.#checkpointPath = options.logsDir === undefined ? undefined : join(options.logsDir, ".state", "features.json");
  }

  get progress() {
    return { run: this.#start.run, rows: this.#rows, malformed: this.#malformed };
  }

  stop(): void {
    this.#stopping.abort();
  }

  async run(): Promise<void> {
    this.#begin();
    const { signal } = this.#stopping;
    const saving = setInterval(() => this.#save(false), CHECKPOINT_MS);
    try {
      await this.#sendAll();
      await this.#held.empty(signal);
      // Stopped early, it waits for the confirms of what is on its way, though not for a broker that is away: what is
      // not confirmed, and labels still held back, are sent after the next start.
      const enough = signal.aborted ? AbortSignal.timeout(LAST_CONFIRMS_MS) : signal;
      await Promise.all([this.#rowWindow.empty(enough), this.#labelWindow.empty(enough)]);
      if (this.#failure !== undefined) throw this.#failure;
      this.#save(!signal.aborted);
    } finally {
      clearInterval(saving);
    }
  }

  /** Takes up the run of the checkpoint, or begins a new one. */
  #begin(): void {
    const { log, rowLimit, startOver } = this.#options;
    this.#signature = JSON.stringify([this.#dataset.signature(), rowLimit]);
    const saved = this.#checkpointPath === undefined || startOver ? undefined : readCheckpoint(this.#checkpointPath, this.#signature);
    this.#start = saved ?? { run: nameRun(Date.now()), rows: 0, position: 0 };
    this.#rows = this.#start.rows;
    // A run that is killed before its first confirm goes on too: its rows must not come again under other ids.
    this.#save(false);
    if (saved === undefined) log.info(`Run ${this.#start.run} begins.`);
    else log.info(`Run ${saved.run} goes on after row ${saved.rows}.`);
  }

  async #sendAll(): Promise<void> {
    const { frameRows, frameDelayMs, rowsPerSecond, rowLimit } = this.#options;
    const { signal } = this.#stopping;
    // At a slow pace a frame is sent with the rows that are due within the delay.
    const perDelay = rowsPerSecond === 0 ? frameRows : Math.max(1, Math.floor((rowsPerSecond * frameDelayMs) / 1000));
    const { run, rows, position } = this.#start;
    const frames = rowFrames({ dataset: this.#dataset, run, frameRows: Math.min(frameRows, perDelay), rowLimit, from: { rows, position } });
    const pace = new Pace(rowsPerSecond, performance.now());
    for await (const frame of frames) {
      const wait = pace.take(frame.labels.ids.length, performance.now());
      if (wait > 0) await delay(wait, undefined, { signal }).catch(() => undefined);
      await this.#rowWindow.room(signal);
      await this.#held.room(signal);
      if (signal.aborted || this.#failure !== undefined) return;
      this.#send(frame);
    }
  }

  #send(frame: RowFrame): void {
    const { bus, frameFormat, labelDelayMs } = this.#options;
    const origin = Date.now();
    const rows = frame.labels.ids.length;
    const confirmed = this.#confirmed.expect(frame, 2);
    this.#rows = frame.rows;
    this.#track(
      this.#rowWindow.during(rows, async () => {
        await bus.publish(FEATURES, featuresContract.write(frame.features, frameFormat, origin));
        failpoint("features-after-confirm");
        this.#rowsSent.inc(rows);
        confirmed();
      }),
    );
    if (labelDelayMs === 0) this.#track(this.#sendLabels(frame.labels, origin, confirmed));
    else this.#track(this.#held.during(rows, () => this.#sendLabelsLater(frame.labels, origin, confirmed)));
  }

  async #sendLabelsLater(labels: LabelFrame, origin: number, confirmed: () => void): Promise<void> {
    await delay(this.#options.labelDelayMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
    if (!this.#stopping.signal.aborted) await this.#sendLabels(labels, origin, confirmed);
  }

  async #sendLabels(labels: LabelFrame, origin: number, confirmed: () => void): Promise<void> {
    const { bus, frameFormat } = this.#options;
    await this.#labelWindow.during(labels.ids.length, async () => {
      await bus.publish(LABELS, labelContract.write(labels, frameFormat, origin));
      failpoint("features-after-label-confirm");
      this.#labelsSent.inc(labels.ids.length);
      confirmed();
    });
  }

  /** A message that cannot be sent ends the run; one that was not sent because the bus is closed is sent by the next. */
  #track(sending: Promise<void>): void {
    sending.catch((error: unknown) => {
      if (!(error instanceof BusClosedError)) this.#failure ??= error instanceof Error ? error : new Error(String(error));
      this.#stopping.abort();
    });
  }

  #save(finished: boolean): void {
    if (this.#checkpointPath === undefined) return;
    const { rows, position } = this.#confirmed.mark ?? this.#start;
    writeCheckpoint(this.#checkpointPath, { run: this.#start.run, signature: this.#signature, rows, position, finished });
  }
}
