import { closeSync, fsyncSync, openSync, rmSync, writeSync } from "node:fs";
import { basename } from "node:path";
import {
  BackOff,
  BusClosedError,
  DEAD_QUEUE,
  failpoint,
  isDiskFull,
  openInLogsDir,
  RefusalReport,
  sentence,
  settlesWithin,
  WINDOW_REQUESTS_EXCHANGE,
  dropRefusals,
  type Bus,
  HALF_WIDTH_REQUEST_TYPE,
  REFERENCE_REQUEST_TYPE,
  SEGMENT_ROWS_REQUEST_TYPE,
  type Closable,
  type Delivery,
  type Logger,
  type Subscription,
  errorText,
  type LanePartition,
  type Tracing,
} from "@streamgauge/core";
import type { Registry } from "prom-client";
import { SYSTEM_DISK, type Disk } from "./log/append-file.js";
import { AlertPublisher } from "./alerting/alert-publisher.js";
import { LOOK_MS } from "./alerting/alerting.js";
import { answerQuestions, FigureQuestions } from "./alerting/partitions/lane-figures-exchange.js";
import { rulesOfLane } from "./alerting/rules/read-rules.js";
import type { Rule } from "./alerting/rules/rule.js";
import type { AlarmSettings } from "./alarm/alarm-settings.js";
import { errorChange } from "./alarm/alarm-change.js";
import { describeAlarm } from "./alarm/describe-alarm.js";
import { traceCommit } from "./commit-span.js";
import { PartCompressor } from "./log/part-compressor.js";
import type { Rotation } from "./log/rotation.js";
import { addDiskGauges } from "./disk/disk-gauges.js";
import { DiskWatch } from "./disk/disk-watch.js";
import { lookAtDisk } from "./disk/look-at-disk.js";
import { LaneSilences } from "./alerting/silences.js";
import { SYSTEM_CLOCK } from "./clock.js";
import { labelHandler, predictionHandler } from "./handlers.js";
import { HalfWidthNotices } from "./intervals/half-width-notices.js";
import type { Fault } from "./join/commit-cycle.js";
import type { JoinState } from "./join/join-state.js";
import { openJoin, type JoinOptions, type OpenJoin } from "./join/open-join.js";
import { UnrestatedWarning } from "./corrections/unrestated-warning.js";
import { OddTimes } from "./monitoring/odd-times.js";
import { FirstReferenceNotices } from "./monitoring/first-reference-notices.js";
import { FeatureWindowPublisher } from "./monitoring/feature-window-publisher.js";
import { WindowPublisher } from "./monitoring/window-publisher.js";
import { SegmentRowsAnswers } from "./segment-rows/segment-rows-answers.js";
import { Notices } from "./notices.js";
import { lanePaths, type LanePaths } from "@streamgauge/core/metric-log";
import { requireRestored } from "./state/restore-marker.js";
import { StateStore } from "./state/state-store.js";
import { WriterLock } from "./state/writer-lock.js";
import { createTelemetry, type Telemetry } from "./telemetry.js";

export interface MetricsOptions extends Pick<JoinOptions, "disk"> {
  readonly bus: Bus;
  readonly log: Logger;
  readonly registry: Registry;
  readonly logsDir: string;
  readonly partition: LanePartition;
  /** How long a half waits for its partner, in ms; at least 2,000. */
  readonly retentionMs: number;
  /** The share of rows whose interval is to hold the label. Default: that of the settings. */
  readonly intervalCoverage?: number | undefined;
  /** How the alarm on the error is set. Default: the defaults of the settings. */
  readonly alarm?: AlarmSettings | undefined;
  /** The rules of all lanes. Default: none. */
  readonly rules?: readonly Rule[];
  /** The page that alerts lead to. */
  readonly pageUrl?: string | undefined;
  /** How many hours before a full disk it is said; 0: never. Default: that of the settings. */
  readonly diskWarnHours?: number | undefined;
  /** When a part of the log is finished. Default: never. */
  readonly rotation?: Rotation | undefined;
  /** Records commits. Default: nothing is traced. */
  readonly tracing?: Tracing | undefined;
}

/** The running service. */
export interface Metrics extends Closable {
  /** The current join; undefined while the disk cannot be written, and after `close`. */
  readonly state: JoinState | undefined;
  close(): Promise<void>;
}

/** Unanswered messages of each side, among them those whose rows wait in memory for their partners. */
const PREFETCH = 1_000;
/** How often dead letters are counted, and alerts are sent again that could not be sent, in ms. */
const TEND_MS = 10_000;
/** How often the disk is looked at, in ms. */
const DISK_MS = 10_000;
/** As the settings have it. */
const DISK_WARN_HOURS = 24;
/** After a fault, this much free space and twice the bytes that could not be committed must be there before metrics goes on. */
const PROBE_BYTES = 1 << 20;
/** How long the end waits for the broker to take the last windows, in ms. A start sends them again. */
const SENT_WITHIN_MS = 1_000;
/** A fault sooner than this after a recovery lengthens the pause: messages that are redelivered too often become dead letters. */
const SOUND_MS = 10_000;

/**
 * Joins labels and predictions into the log until closed. While the disk is full or fails it consumes nothing and logs an error.
 * It resumes from what is committed as soon as it can write.
 *
 * @throws LogInUseError if another process writes to the same log.
 * @throws LogsDirError
 */
export async function startMetrics(options: MetricsOptions): Promise<Metrics> {
  return openInLogsDir(options.logsDir, async () => {
    const service = new MetricsService(options);
    await service.start();
    return service;
  });
}

class MetricsService implements Metrics {
  readonly #options: MetricsOptions;
  readonly #paths: LanePaths;
  readonly #lock: WriterLock;
  readonly #telemetry: Telemetry;
  readonly #notices: Notices;
  readonly #halfWidths: HalfWidthNotices;
  readonly #windows: WindowPublisher;
  readonly #features: FeatureWindowPublisher;
  readonly #firstReferences: FirstReferenceNotices;
  readonly #oddTimes: OddTimes;
  readonly #unrestated: UnrestatedWarning;
  readonly #refusals: RefusalReport;
  readonly #closing = new AbortController();
  readonly #disk: DiskWatch;
  readonly #compressor: PartCompressor;
  #looking: NodeJS.Timeout | undefined;
  readonly #alerts: AlertPublisher;
  readonly #silences: LaneSilences;
  readonly #rules: readonly Rule[];
  #deadLetters: number | undefined;
  #tending: NodeJS.Timeout | undefined;
  /** Undefined if the lane has no other partition, or another one looks at the rules. */
  readonly #questions: FigureQuestions | undefined;
  #asking: NodeJS.Timeout | undefined;
  readonly #backOff = new BackOff(200, 10_000);
  #join: OpenJoin | undefined;
  #openedAt = 0;
  #subscriptions: Subscription[] = [];
  /** Opening and recovery run one after another; never rejects. */
  #work: Promise<void> = Promise.resolve();

  constructor(options: MetricsOptions) {
    this.#options = options;
    this.#paths = lanePaths(options.logsDir, options.partition);
    this.#lock = new WriterLock(this.#paths);
    this.#telemetry = createTelemetry(options.registry, () => this.state);
    this.#disk = new DiskWatch(options.logsDir, options.log, options.diskWarnHours ?? DISK_WARN_HOURS);
    this.#compressor = new PartCompressor(this.#paths.log, options.log);
    addDiskGauges(options.registry, () => this.#disk.outlook);
    const fullIn = () => this.#disk.nearFullIn;
    this.#notices = new Notices(options.bus, options.partition, () => this.#running, fullIn);
    this.#halfWidths = new HalfWidthNotices(options.bus, options.partition, () => this.#running);
    this.#firstReferences = new FirstReferenceNotices(options.bus, options.log, options.partition, () => this.#running);
    this.#oddTimes = new OddTimes(options.log);
    this.#unrestated = new UnrestatedWarning(options.log);
    this.#windows = new WindowPublisher(options.bus, options.log, options.partition, () => this.#running);
    this.#features = new FeatureWindowPublisher(options.bus, options.log, options.partition, () => this.#running);
    this.#refusals = new RefusalReport(options.log);
    const { lane, index, of } = options.partition;
    // The first partition looks at the rules of the whole lane.
    this.#rules = index === 1 ? rulesOfLane(options.rules ?? [], lane) : [];
    if (of > 1 && this.#rules.length > 0)
      this.#questions = new FigureQuestions(options.bus, options.log, options.partition, this.#rules, () => this.#askingPartition);
    this.#silences = new LaneSilences(options.logsDir, lane, options.log);
    this.#alerts = new AlertPublisher(options.bus, options.log, () => this.#runningRules);
  }

  get state(): JoinState | undefined {
    return this.#running?.state;
  }

  /** After a failed commit the state in memory is invalid. */
  get #running(): OpenJoin | undefined {
    return this.#join?.cycle.isRunning === true ? this.#join : undefined;
  }

  get #runningRules() {
    const join = this.#running;
    if (join?.state.alerting === undefined) return undefined;
    return { alerting: join.state.alerting, wake: () => join.cycle.wake() };
  }

  get #askingPartition() {
    const state = this.state;
    return state && { watermark: state.monitor.windows.watermark, model: state.alerting?.model ?? "" };
  }

  async start(): Promise<void> {
    if (this.#options.rules !== undefined) void this.#tend();
    this.#looking = setInterval(() => this.#lookAtDisk(), DISK_MS).unref();
    this.#lookAtDisk();
    if (this.#questions !== undefined) this.#asking = setInterval(() => this.#questions?.ask(), LOOK_MS).unref();
    const isNew = !StateStore.wasUsed(this.#paths.state);
    const opening = this.#open();
    this.#work = opening.catch(() => undefined);
    try {
      await opening;
    } catch (error) {
      // A log that is there is waited for, as after a fault while it was written.
      if (!isNew && isDiskFull(error)) {
        this.#work = this.#recover({ error, bytes: 0 });
        return;
      }
      await this.close();
      throw error;
    }
  }

  /** What rules need beside the commits. Never rejects. */
  async #tend(): Promise<void> {
    clearTimeout(this.#tending);
    const { bus } = this.#options;
    this.#alerts.check(performance.now());
    this.#alerts.send();
    // Without a link the count is not known.
    this.#deadLetters = await bus.depth(DEAD_QUEUE).catch(() => undefined);
    if (!this.#closing.signal.aborted) this.#tending = setTimeout(() => void this.#tend(), TEND_MS);
  }

  #lookAtDisk(): void {
    const sample = lookAtDisk(this.#paths, performance.now() / 1_000);
    if (sample !== undefined) this.#disk.look(sample);
  }

  get #alerting(): JoinOptions["alerting"] {
    const { partition, pageUrl } = this.#options;
    return {
      rules: this.#rules,
      lane: partition.lane,
      partitions: partition.of,
      pageUrl,
      logFile: partition.of === 1 ? basename(this.#paths.log) : undefined,
      isSilenced: this.#silences.isSilenced,
    };
  }

  async #open(): Promise<void> {
    const { bus, partition, log, retentionMs, disk = SYSTEM_DISK } = this.#options;
    requireRestored(this.#paths);
    // LMDB maps the file that it creates. Without free space for it the process dies by a signal (SIGBUS was seen).
    if (!StateStore.wasUsed(this.#paths.state)) probe(`${this.#paths.state}.probe`, PROBE_BYTES);
    let finishedParts = 0;
    const join = await openJoin(this.#paths, {
      disk: { ...disk, sync: (fd) => syncAfterFailpoint(disk, fd) },
      retentionMs,
      // Rules that were taken out of the file may still have an alert to end.
      alerting: this.#options.rules === undefined ? undefined : this.#alerting,
      ...(this.#options.alarm === undefined ? {} : { alarm: this.#options.alarm }),
      ...(this.#options.intervalCoverage === undefined ? {} : { intervalCoverage: this.#options.intervalCoverage }),
      rotation: this.#options.rotation,
      deadLetters: () => this.#deadLetters,
      rounds: this.#questions?.rounds,
      failpoint: (name) => failpoint(`metrics-${name}`),
      onFault: (fault) => {
        this.#work = this.#work.then(() => this.#recover(fault));
      },
      onCommit: (committed) => {
        const now = Date.now();
        this.#telemetry.onCommit(committed, now);
        if (this.#options.tracing !== undefined) traceCommit(this.#options.tracing, partition.name, committed, now);
        this.#notices.onCommit(committed, now);
        this.#halfWidths.onCommit();
        this.#windows.onCommit(committed.alarms);
        this.#features.onCommit();
        this.#firstReferences.onCommit();
        const { oddTimes, windows } = join.state.monitor;
        this.#oddTimes.onCommit(oddTimes, windows.watermark, performance.now());
        this.#unrestated.onCommit(join.state.corrections.balance.notRestated, performance.now());
        this.#alerts.send();
        if (join.state.log.finishedParts > finishedParts) this.#compressor.wake();
        finishedParts = join.state.log.finishedParts;
        for (const alarm of committed.alarms)
          if (!alarm.again) log.warn(describeAlarm(errorChange({ ...alarm, raisedAgain: 0 }, partition.logName), this.#notices.unit));
        for (const { outcome, refused } of committed.frames)
          if (outcome.kind === "dead") this.#refusals.add(refused, outcome.refusals, performance.now());
      },
    });
    this.#join = join;
    ({ finishedParts } = join.state.log);
    if (finishedParts > 0) this.#compressor.wake();
    this.#unrestated.begin(join.state.corrections.balance.notRestated);
    this.#openedAt = performance.now();
    this.#windows.sendAll();
    this.#features.sendAll();
    this.#halfWidths.send();
    this.#notices.announce();
    for (const finding of join.findings) log.warn(finding);
    const pending = join.state.pending.counts;
    log.info(
      `${this.#paths.log} holds ${join.state.log.lines} rows; ${pending.y_true} labels and ${pending.y_pred} predictions are pending.`,
    );
    const { queues, lane } = partition;
    const rows = new SegmentRowsAnswers(bus, log, partition, this.#paths, () => (this.#join === join ? this.#running : undefined));
    const onRequest = (delivery: Pick<Delivery, "type" | "body">) => {
      const { type } = delivery;
      if (type === SEGMENT_ROWS_REQUEST_TYPE) return rows.onRequest(delivery);
      if (type === REFERENCE_REQUEST_TYPE) return;
      this.#halfWidths.send();
      if (type === HALF_WIDTH_REQUEST_TYPE) return;
      this.#notices.announce();
      this.#windows.sendAll();
      this.#features.sendAll();
    };
    // One that came while the link was lost is answered too.
    const onGap = () => onRequest({ type: undefined, body: Buffer.alloc(0) });
    this.#subscriptions.push(await bus.subscribe(WINDOW_REQUESTS_EXCHANGE, `metrics.${partition.name}.requests`, onRequest, { onGap }));
    this.#subscriptions.push(await this.#features.follow());
    const proposals = await this.#firstReferences.follow();
    if (proposals !== undefined) this.#subscriptions.push(proposals);
    if (partition.of > 1)
      this.#subscriptions.push(await (this.#questions?.follow() ?? answerQuestions(bus, log, partition, () => this.#running)));
    const exclusive = { prefetch: PREFETCH, exclusive: true };
    this.#subscriptions.push(
      await bus.consume(queues.labels, dropRefusals(lane, labelHandler(join.cycle, SYSTEM_CLOCK, partition)), exclusive),
    );
    this.#subscriptions.push(
      await bus.consume(queues.predictions, dropRefusals(lane, predictionHandler(join.cycle, SYSTEM_CLOCK, partition)), exclusive),
    );
  }

  async #recover({ error, bytes }: Fault): Promise<void> {
    const { log } = this.#options;
    log.error(`The log cannot be written: ${sentence(error.message)} No messages are taken until it can; none is lost.`);
    this.#telemetry.onFault();
    if (performance.now() - this.#openedAt > SOUND_MS) this.#backOff.reset();
    let lastMessage = error.message;
    while (!this.#closing.signal.aborted) {
      try {
        await this.#shut();
        await this.#backOff.wait(this.#closing.signal);
        if (this.#closing.signal.aborted) return;
        this.#lock.renew();
        probe(`${this.#paths.state}.probe`, PROBE_BYTES + 2 * bytes);
        await this.#open();
        log.info("The log can be written again; messages are taken.");
        return;
      } catch (again) {
        if (again instanceof BusClosedError) return;
        const message = errorText(again);
        if (message !== lastMessage) log.error(`The log still cannot be written: ${sentence(message)}`);
        lastMessage = message;
      }
    }
  }

  /** Stops consuming, waits for the messages in flight, publishes the last notice and windows, and closes the files. */
  async #shut(): Promise<void> {
    const subscriptions = this.#subscriptions;
    this.#subscriptions = [];
    await Promise.all(subscriptions.map((subscription) => subscription.close()));
    this.#notices.flush();
    await settlesWithin(SENT_WITHIN_MS, Promise.all([this.#windows.flush(), this.#features.flush()]));
    const join = this.#join;
    this.#join = undefined;
    await join?.close();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    clearTimeout(this.#tending);
    clearInterval(this.#looking);
    clearInterval(this.#asking);
    await this.#work;
    try {
      await this.#shut();
      await this.#compressor.close();
    } finally {
      this.#refusals.close();
      this.#lock.close();
    }
  }
}

function syncAfterFailpoint(disk: Disk, fd: number): void {
  failpoint("metrics-after-write");
  disk.sync(fd);
}

/** @throws if there is no space for so many bytes, or the disk fails. */
function probe(path: string, bytes: number): void {
  const fd = openSync(path, "w");
  try {
    const zeros = Buffer.alloc(PROBE_BYTES);
    for (let left = bytes; left > 0;) left -= writeSync(fd, zeros, 0, Math.min(left, zeros.length));
    fsyncSync(fd);
  } finally {
    closeSync(fd);
    rmSync(path, { force: true });
  }
}
