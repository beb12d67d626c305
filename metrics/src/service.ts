import { closeSync, fsyncSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import {
  BackOff,
  DONE,
  failpoint,
  FrameRefusedError,
  Ids,
  labelContract,
  METRICS_EXCHANGE,
  originOf,
  predictionContract,
  queuesOf,
  refusedRows,
  writeNotice,
  type Bus,
  type Closable,
  type Delivery,
  type Handler,
  type Logger,
  type Outcome,
  type Refusal,
  type Subscription,
} from "@streamgauge/core";
import type { Registry } from "prom-client";
import { HalfFrame } from "./join/half-frame.js";
import type { JoinState } from "./join/joiner.js";
import { openJoin, type OpenJoin } from "./join/open-join.js";
import { lanePaths, type LanePaths } from "./paths.js";
import type { ErrorSummary } from "./statistics/error-statistics.js";
import type { Side } from "./state/state-store.js";
import { lockWriter } from "./state/writer-lock.js";
import { createTelemetry } from "./telemetry.js";

export interface MetricsOptions {
  readonly bus: Bus;
  readonly log: Logger;
  readonly registry: Registry;
  readonly logsDir: string;
  readonly lane: string;
  /** How long a half waits for its partner, in ms. */
  readonly retentionMs: number;
}

/** The running service. */
export interface Metrics extends Closable {
  /** The join as it is; undefined while the disk cannot be written to. */
  readonly state: JoinState | undefined;
}

/** Messages in hand of each side; what waits in memory for its partner is a part of them. */
const PREFETCH = 1_000;
/** Pause between notices, ms. */
const NOTICE_MS = 100;
/** Free space that is asked for before messages are taken again after a fault. */
const PROBE_BYTES = 1 << 20;

/**
 * Joins labels and predictions into the log until closed. While the disk is full or fails it takes no messages, says
 * so, and begins again, from what is committed, as soon as it can write.
 *
 * @throws LogInUseError where another process writes to the same log.
 */
export async function startMetrics(options: MetricsOptions): Promise<Metrics> {
  const paths = lanePaths(options.logsDir, options.lane);
  const lock = lockWriter(paths.lock);
  const service = new MetricsService(options, paths);
  try {
    await service.open();
  } catch (error) {
    await service.close();
    lock.close();
    throw error;
  }
  return {
    get state() {
      return service.state;
    },
    close: async () => {
      await service.close();
      lock.close();
    },
  };
}

class MetricsService {
  readonly #options: MetricsOptions;
  readonly #paths: LanePaths;
  readonly #telemetry;
  readonly #closing = new AbortController();
  #join: OpenJoin | undefined;
  #subscriptions: Subscription[] = [];
  #recovering: Promise<void> = Promise.resolve();
  #notice: NodeJS.Timeout | undefined;
  #lastNotice = -Infinity;
  #latest: Pick<HalfFrame, "model" | "unit"> = { model: "", unit: "" };

  constructor(options: MetricsOptions, paths: LanePaths) {
    this.#options = options;
    this.#paths = paths;
    this.#telemetry = createTelemetry(options.registry, () => this.state);
  }

  get state(): JoinState | undefined {
    return this.#join?.state;
  }

  async open(): Promise<void> {
    const { bus, lane, log, retentionMs } = this.#options;
    const opened = openJoin(this.#paths, {
      retentionMs,
      failpoint: (name) => failpoint(`metrics-${name}`),
      onFault: (error) => {
        this.#recovering = this.#recover(error);
      },
      onCommit: (committed) => {
        this.#telemetry.onCommit(committed, Date.now());
        this.#latest = committed.frames.findLast(({ model }) => model !== "") ?? this.#latest;
        this.#scheduleNotice();
      },
    });
    this.#join = opened;
    for (const finding of opened.findings) log.warn(finding);
    const { lines } = opened.state.log;
    log.info(`${this.#paths.log} holds ${lines} rows; ${opened.state.pending.y_true} labels and ${opened.state.pending.y_pred} predictions wait.`);
    const queues = queuesOf(lane);
    const exclusive = { prefetch: PREFETCH, exclusive: true };
    for (const [queue, handler] of [
      [queues.labels, labelHandler(opened)],
      [queues.predictions, predictionHandler(opened)],
    ] as const) {
      this.#subscriptions.push(await bus.consume(queue, handler, exclusive));
    }
  }

  async #recover(error: Error): Promise<void> {
    const { log } = this.#options;
    log.error(`The log cannot be written: ${error.message} No messages are taken until it can; none is lost.`);
    this.#telemetry.onFault();
    const backOff = new BackOff(200, 5_000);
    await this.#shut();
    while (!this.#closing.signal.aborted) {
      try {
        probe(this.#options.logsDir);
        await this.open();
        log.info("The log can be written again; messages are taken.");
        return;
      } catch (again) {
        log.debug(again, "Still not.");
        await this.#shut();
        await backOff.wait(this.#closing.signal);
      }
    }
  }

  /** Tells at once, and then at most once in NOTICE_MS. */
  #scheduleNotice(): void {
    const wait = this.#lastNotice + NOTICE_MS - performance.now();
    if (wait <= 0) this.#announce();
    else this.#notice ??= setTimeout(() => this.#announce(), wait);
  }

  #announce(): void {
    clearTimeout(this.#notice);
    this.#notice = undefined;
    this.#lastNotice = performance.now();
    const join = this.#join;
    if (join === undefined) return;
    const rows = join.cycle.takeLatest();
    const { model, unit } = this.#latest;
    const statistics = nullable(join.state.log.statistics.summary());
    this.#options.bus.announce(METRICS_EXCHANGE, writeNotice({ lane: this.#options.lane, model, unit, statistics, rows }));
  }

  async #shut(): Promise<void> {
    const subscriptions = this.#subscriptions;
    this.#subscriptions = [];
    await Promise.all(subscriptions.map((subscription) => subscription.close()));
    await this.#join?.close();
    this.#join = undefined;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#recovering;
    // The last rows are told before the end.
    if (this.#notice !== undefined) this.#announce();
    await this.#shut();
    clearTimeout(this.#notice);
  }
}

/** @throws where there is no room, or the disk fails. */
function probe(folder: string): void {
  const path = join(folder, ".state", "probe");
  const fd = openSync(path, "w");
  try {
    writeSync(fd, Buffer.alloc(PROBE_BYTES));
    fsyncSync(fd);
  } finally {
    closeSync(fd);
    rmSync(path, { force: true });
  }
}

function labelHandler(join: OpenJoin): Handler {
  return (delivery) =>
    take(join, "y_true", delivery, () => {
      const { frame, refusals } = labelContract.read(delivery);
      return { ids: frame.ids, values: frame.y_true, model: "", unit: "", refusals };
    });
}

function predictionHandler(join: OpenJoin): Handler {
  return (delivery) =>
    take(join, "y_pred", delivery, () => {
      const { frame, refusals } = predictionContract.read(delivery);
      return { ids: frame.ids, values: frame.y_pred, model: frame.model, unit: frame.unit, refusals };
    });
}

interface ReadHalves {
  readonly ids: Ids;
  readonly values: Float64Array;
  readonly model: string;
  readonly unit: string;
  readonly refusals: readonly Refusal[];
}

/** Hands what a message brought to the cycle; resolves when all of it is durable. */
function take({ cycle }: OpenJoin, side: Side, delivery: Delivery, read: () => ReadHalves): Promise<Outcome> {
  return new Promise((answer) => {
    const halves = readOrRefuse(read);
    const refused = refusedRows(halves.refusals, 1);
    const outcome: Outcome = halves.refusals.length === 0 ? DONE : { kind: "dead", refusals: halves.refusals };
    cycle.receive(new HalfFrame({ ...halves, side, receivedAt: Date.now(), origin: originOf(delivery), refused, answer, outcome }));
  });
}

function readOrRefuse(read: () => ReadHalves): ReadHalves {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof FrameRefusedError)) throw error;
    return { ids: Ids.of([]), values: new Float64Array(), model: "", unit: "", refusals: [error.refusal] };
  }
}

function nullable(summary: ErrorSummary) {
  const finite = (value: number) => (Number.isFinite(value) ? value : null);
  const { count, mae, rmse, r2, bias, p50, p95, p99 } = summary;
  return { count, mae: finite(mae), rmse: finite(rmse), r2: finite(r2), bias: finite(bias), p50: finite(p50), p95: finite(p95), p99: finite(p99) };
}

