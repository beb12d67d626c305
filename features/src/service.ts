import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import {
  BusClosedError,
  failpoint,
  FEATURES,
  featuresContract,
  labelMessages,
  publishEach,
  type Addressed,
  type Bus,
  type Closable,
  type FrameFormat,
  type LabelFrame,
  type Logger,
  type Message,
  type TraceSpan,
  type Tracing,
} from "@streamgauge/core";
import type { Registry } from "prom-client";
import { Dataset } from "./dataset.js";
import { DelayQueue } from "./delay-queue.js";
import { frameLimits, paceOf, type FramePace } from "./frame-pace.js";
import { rowFrames, type RowFrame } from "./row-frames.js";
import { RunRecord } from "./run-record.js";
import { createTelemetry } from "./telemetry.js";
import { InFlightLimit } from "./in-flight-limit.js";

export interface FeaturesOptions extends FramePace {
  readonly bus: Bus;
  readonly log: Logger;
  readonly registry: Registry;
  readonly datasetPath: string;
  readonly targetColumn: string;
  readonly idColumn: string;
  /** Columns that are sent; left out: every one but target, id and time. */
  readonly features?: readonly string[] | undefined;
  /** Columns that are always read as text. */
  readonly textColumns?: readonly string[] | undefined;
  /** Whether rows whose target is missing are sent, without a label. */
  readonly allowUnlabelled?: boolean | undefined;
  /** The column of event times; empty or left out: rows happen when they are sent. */
  readonly timeColumn?: string | undefined;
  /** The zone of times without an offset. */
  readonly timeZone?: string | undefined;
  readonly rowLimit: number;
  readonly labelDelayMs: number;
  readonly frameFormat: FrameFormat;
  /** Of the lanes. Default: 1. */
  readonly partitions?: number;
  /** Path of the checkpoint; undefined: each start is a new run. */
  readonly logsDir: string | undefined;
  readonly startOver: boolean;
  /** Begins a trace for each frame. Default: nothing is traced. */
  readonly tracing?: Tracing | undefined;
}

/** The running service. */
export interface Features extends Closable {
  /**
   * Resolves when all rows of the limit and their labels are confirmed, or the service is closed. Rejects if the dataset
   * cannot be used, or a message can never be sent.
   */
  readonly finished: Promise<void>;
  readonly progress: Progress;
}

export interface Progress {
  /** The run's name. */
  readonly run: string;
  /** Rows of the run that were sent, in earlier processes too. */
  readonly rows: number;
  /** Rows of these that this process sent. */
  readonly sent: number;
  /** Rows of these that have no label. */
  readonly unlabelled: number;
  /** Lines of the dataset that could not be sent. */
  readonly malformed: number;
}

/**
 * The most labels that may be delayed; above it the source waits. Measured: a message of one row takes 1 kB of memory while its label is
 * held back, and a row of a message of 256 about 40 bytes.
 */
const MAX_HELD = { frames: 250_000, rows: 2_000_000 };
/** The most unconfirmed data in flight. */
const MAX_UNCONFIRMED = { frames: 1_000, rows: 131_072 };
/** How long a stop waits for confirms. */
const LAST_CONFIRMS_MS = 3_000;
/** Pause between checkpoints, ms: what is sent again after a crash is recognised by its ids. */
const CHECKPOINT_MS = 200;
/** Malformed lines that are logged; all are counted. */
const MALFORMED_LOGGED = 20;
/** The longest delay of a timer. */
const MAX_WAIT_MS = 2 ** 31 - 1;
/** A longer pause between two frames is logged. */
const SAID_WAIT_MS = 60_000;

/** Sends rows and labels of the dataset at the configured pace until the limit, or until closed. */
export function startFeatures(options: FeaturesOptions): Features {
  const source = new Source(options);
  const finished = source.run();
  // The caller awaits `finished` later; a failure before that must not be an unhandled rejection.
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

/** The delayed labels of a frame. */
interface Labels {
  readonly frame: LabelFrame;
  /** When their rows left, ms since 1970. */
  readonly origin: number;
  readonly confirmed: () => void;
  /** The trace of their rows. */
  readonly span: TraceSpan | undefined;
}

class Source {
  readonly #options: FeaturesOptions;
  readonly #dataset: Dataset;
  readonly #telemetry;
  readonly #stopping = new AbortController();
  readonly #rowsInFlight = new InFlightLimit(MAX_UNCONFIRMED.frames, MAX_UNCONFIRMED.rows);
  readonly #labelsInFlight = new InFlightLimit(MAX_UNCONFIRMED.frames, MAX_UNCONFIRMED.rows);
  readonly #labelsHeld = new InFlightLimit(MAX_HELD.frames, MAX_HELD.rows);
  readonly #held: DelayQueue<Labels>;
  #record: RunRecord | undefined;
  #rows = 0;
  #unlabelled = 0;
  #malformed = 0;
  #saidHeld = false;
  #saidPasses = false;
  #failure: Error | undefined;

  constructor(options: FeaturesOptions) {
    this.#options = options;
    const { datasetPath, labelDelayMs, registry } = options;
    this.#telemetry = createTelemetry(registry, { unconfirmed: () => this.#rowsInFlight.rows, held: () => this.#labelsHeld.rows });
    const onMalformed = (line: number, problem: string) => this.#noteMalformed(line, problem);
    this.#dataset = new Dataset({ ...options, path: datasetPath, onMalformed });
    this.#held = new DelayQueue(labelDelayMs, (labels) => {
      this.#sendLabels(labels);
      this.#labelsHeld.leave(labels.frame.ids.length);
    });
  }

  get progress(): Progress {
    const { run = "", start = { rows: 0 } } = this.#record ?? {};
    return { run, rows: start.rows + this.#rows, sent: this.#rows, unlabelled: this.#unlabelled, malformed: this.#malformed };
  }

  stop(): void {
    this.#stopping.abort();
  }

  async run(): Promise<void> {
    const { log, logsDir, rowLimit, startOver } = this.#options;
    const { signal } = this.#stopping;
    const path = logsDir === undefined ? undefined : join(logsDir, ".state", "features.json");
    const signature = JSON.stringify([this.#dataset.signature(), rowLimit]);
    const record = new RunRecord({ path, signature, startOver, log });
    this.#record = record;
    const saving = setInterval(() => record.save(false), CHECKPOINT_MS);
    let complete = false;
    try {
      await this.#sendAll(record);
      await this.#labelsHeld.empty(signal);
      await this.#confirms(signal);
      // A stop does not wait for an unreachable broker: unconfirmed messages, and labels still delayed, are
      // sent after the next start.
      if (signal.aborted) await this.#confirms(AbortSignal.timeout(LAST_CONFIRMS_MS));
      if (this.#failure !== undefined) throw this.#failure;
      complete = !signal.aborted;
    } finally {
      clearInterval(saving);
      this.#held.close();
      record.save(complete);
    }
  }

  /** Waits for outstanding confirms. */
  async #confirms(until: AbortSignal): Promise<void> {
    await Promise.all([this.#rowsInFlight.empty(until), this.#labelsInFlight.empty(until)]);
  }

  async #sendAll(record: RunRecord): Promise<void> {
    const { rowLimit, idColumn } = this.#options;
    const { signal } = this.#stopping;
    const frames = rowFrames({ dataset: this.#dataset, run: record.run, rowLimit, from: record.start, ...frameLimits(this.#options) });
    const waitFor = paceOf(this.#options);
    let { position } = record.start;
    for await (const frame of frames) {
      if (idColumn !== "" && frame.position <= position) this.#sayPasses();
      ({ position } = frame);
      const wait = waitFor(frame);
      if (wait > 0) await this.#pause(wait);
      if (!this.#labelsHeld.hasRoom) await this.#heldRoom();
      if (!this.#rowsInFlight.hasRoom) await this.#rowsInFlight.room(signal);
      if (!this.#labelsInFlight.hasRoom) await this.#labelsInFlight.room(signal);
      if (signal.aborted) return;
      const { rows, shift } = frame;
      this.#send(frame, record.expect({ rows, position, shift }, frame.labels.ids.length === 0 ? 1 : 2));
    }
  }

  /** Resolves after so many ms, or when the service is to stop. */
  async #pause(ms: number): Promise<void> {
    const { signal } = this.#stopping;
    const { log, timeSpeed = 0 } = this.#options;
    if (timeSpeed > 0 && ms > SAID_WAIT_MS)
      log.info(`The next rows are due ${new Date(Date.now() + ms).toISOString()} (TIME_COLUMN, TIME_SPEED).`);
    for (let left = ms; left > 0 && !signal.aborted; left -= MAX_WAIT_MS)
      await delay(Math.min(left, MAX_WAIT_MS), undefined, { signal }).catch(() => undefined);
  }

  #sayPasses(): void {
    if (this.#saidPasses) return;
    this.#saidPasses = true;
    const { log, datasetPath, idColumn } = this.#options;
    log.warn(
      `${datasetPath} is sent from its beginning again, with the same ids (ID_COLUMN=${idColumn}): what is logged already is a duplicate ` +
        "and leaves no line. Without ID_COLUMN each pass has ids of its own.",
    );
  }

  async #heldRoom(): Promise<void> {
    const { log } = this.#options;
    if (!this.#saidHeld)
      log.warn("No more labels can be held back in memory: from here on a row is sent when a label is (LABEL_DELAY_MS).");
    this.#saidHeld = true;
    await this.#labelsHeld.room(this.#stopping.signal);
  }

  #send({ features, labels }: RowFrame, confirmed: () => void): void {
    const { frameFormat, labelDelayMs } = this.#options;
    const origin = Date.now();
    const rows = features.ids.length;
    this.#rows += rows;
    this.#unlabelled += rows - labels.ids.length;
    const span = this.#beginFrame(rows);
    const sent = this.#publish(
      [{ to: FEATURES, message: withSpan(span, featuresContract.write(features, frameFormat, origin)) }],
      "rows",
      rows,
      confirmed,
    );
    // Labels may follow days later, as a part of the same trace.
    if (span === undefined) void sent;
    else void sent.finally(() => span.end());
    if (labels.ids.length === 0) return;
    if (labelDelayMs === 0) {
      this.#sendLabels({ frame: labels, origin, confirmed, span });
    } else {
      this.#labelsHeld.enter(labels.ids.length);
      this.#held.add({ frame: labels, origin, confirmed, span });
    }
  }

  #beginFrame(rows: number): TraceSpan | undefined {
    const { tracing } = this.#options;
    return tracing?.begin("frame", { kind: "internal", attributes: { "streamgauge.rows": rows, "streamgauge.run": this.progress.run } });
  }

  #sendLabels({ frame, origin, confirmed, span }: Labels): void {
    const { frameFormat, partitions = 1 } = this.#options;
    const messages = labelMessages(frame, partitions, frameFormat, origin);
    const spanned = messages.map(({ to, message }) => ({ to, message: withSpan(span, message) }));
    void this.#publish(spanned, "labels", frame.ids.length, confirmed);
  }

  /**
   * Sends the messages of a frame. Never rejects: one that cannot be sent ends the run, and one that was not sent because the bus is closed is sent by
   * the next. A thousand wait for their confirms at full speed, so that nothing else of a frame is kept meanwhile.
   */
  async #publish(messages: readonly Addressed[], of: "rows" | "labels", rows: number, confirmed: () => void): Promise<void> {
    const isRows = of === "rows";
    const limit = isRows ? this.#rowsInFlight : this.#labelsInFlight;
    limit.enter(rows);
    try {
      await publishEach(this.#options.bus, messages);
      failpoint(isRows ? "features-after-confirm" : "features-after-label-confirm");
      (isRows ? this.#telemetry.rows : this.#telemetry.labels).inc(rows);
      confirmed();
    } catch (error) {
      if (!(error instanceof BusClosedError)) this.#failure ??= error instanceof Error ? error : new Error(String(error));
      this.#stopping.abort();
    } finally {
      limit.leave(rows);
    }
  }

  #noteMalformed(line: number, problem: string): void {
    const { log, datasetPath } = this.#options;
    this.#malformed += 1;
    this.#telemetry.malformed.inc();
    if (this.#malformed <= MALFORMED_LOGGED) log.warn(`Line ${line} of ${datasetPath} is not sent: ${problem}.`);
    if (this.#malformed === MALFORMED_LOGGED) log.warn("Further lines that are not sent are counted only.");
  }
}

/** A message that belongs to a trace, if there is one. */
function withSpan(span: TraceSpan | undefined, message: Message): Message {
  return span === undefined ? message : { ...message, spans: [span] };
}
