import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { CHAMPION, LanePartition } from "@streamgauge/core";
import { partFilesOf, withLog } from "@streamgauge/core/metric-log";
import type { PrivateBroker } from "../../index.js";
import type { TestContext } from "vitest";
import { SEED } from "./dice.js";
import { queueDepths } from "./queues.js";
import { ROOT, ServiceProcess, type Environment, type ServiceName } from "./service-process.js";
import { Transcript } from "./transcript.js";
import { until } from "../../until.js";

export interface PipelineOptions {
  /** For all services. */
  readonly env?: Environment;
  /** For the first source. Default: one row a message, as fast as the rest takes them, endless. */
  readonly source?: Environment;
  readonly metrics?: Environment;
  readonly model?: Environment;
  /** The URL that the services use, of the one that leads straight to the broker. */
  readonly url?: (straight: string) => string;
  /** Where the log is. Default: in the case's own folder. */
  readonly logsDir?: string;
  /** Options of Node for a service. Default: none. */
  readonly nodeOptions?: (service: ServiceName) => readonly string[];
  /** Of the lane, and which of them each metrics process runs. Default: one process with the only one. */
  readonly partitions?: { readonly of: number; readonly processes: readonly (readonly number[])[] };
}

const ONE_PARTITION: NonNullable<PipelineOptions["partitions"]> = { of: 1, processes: [[1]] };

/** RabbitMQ finds a dead link by two missed heartbeats; the services' own back-off is 10 s at most. */
const BACK_TO_WORK_MS = 30_000;

const run = promisify(execFile);

/**
 * RabbitMQ 3.10.8 notes which quorum queues it has up to a second after it made them: a queue that is younger when the broker is killed has
 * no leader any more, and only deleting it helps.
 */
const YOUNG_QUEUE_MS = 3_000;

/** The services of one case, in a virtual host and a folder of their own. All of it ends with the case; its transcript is shown if that fails. */
export async function openPipeline(context: TestContext, broker: PrivateBroker, options: PipelineOptions = {}): Promise<Pipeline> {
  const vhost = `faults-${randomBytes(4).toString("hex")}`;
  const folder = await mkdtemp(join(tmpdir(), "streamgauge-faults-"));
  const pipeline = new Pipeline(broker, vhost, folder, await broker.addVhost(vhost), options);
  context.onTestFailed(() => {
    process.stderr.write(`\n${context.task.name}: SEED=${SEED}\n${pipeline.transcript.text}\n`);
  });
  context.onTestFinished(() => pipeline.close());
  if (process.env["TRANSCRIPTS"] !== undefined) {
    const path = join(process.env["TRANSCRIPTS"], `${context.task.name.replaceAll(/\W+/g, "-")}.txt`);
    context.onTestFinished(() => writeFile(path, pipeline.transcript.text));
  }
  context.task.meta.faults = pipeline.figures;
  return pipeline;
}

/** features, model and metrics over one broker, and what their log must hold at the end. */
export class Pipeline {
  readonly transcript = new Transcript();
  readonly broker: PrivateBroker;
  readonly vhost: string;
  readonly folder: string;
  readonly logsDir: string;
  /** Straight to the broker. */
  readonly url: string;
  readonly model: ServiceProcess;
  /** One for each share of the partitions. */
  readonly joins: readonly ServiceProcess[];
  /** The first is `features`; each has a checkpoint of its own. */
  readonly sources: ServiceProcess[] = [];
  /** Rows that were sent by other hands: id → row of the study, from 0. */
  readonly others = new Map<string, number>();
  readonly figures;
  readonly #options: PipelineOptions;
  readonly #twins: ServiceProcess[] = [];
  /** When the broker may be killed. */
  #queuesOld = 0;

  constructor(broker: PrivateBroker, vhost: string, folder: string, url: string, options: PipelineOptions) {
    this.broker = broker;
    const none = { rounds: 0, kills: 0, rows: 0, lost: 0, doubled: 0, unexpected: 0, wrong: 0, slowestReturnMs: 0 };
    this.figures = { rabbitmq: broker.version, ...none };
    this.vhost = vhost;
    this.folder = folder;
    this.logsDir = options.logsDir ?? join(folder, "logs");
    this.url = url;
    this.#options = options;
    this.joins = this.#partitions.processes.map((indices, i) => {
      const share: Environment = this.#partitions.of === 1 ? {} : { PARTITION: indices.join(",") };
      return this.#service("metrics", `metrics${i === 0 ? "" : i + 1}`, this.logsDir, { ...options.metrics, ...share });
    });
    this.model = this.#service("model", "model", this.logsDir, options.model);
    this.addSource(options.source);
  }

  #service(name: ServiceName, label: string, logsDir: string, more: Environment = {}): ServiceProcess {
    const { url = (straight) => straight, env = {} } = this.#options;
    const { of } = this.#partitions;
    const all = { AMQP_URL: url(this.url), LOGS_DIR: logsDir, ...(of === 1 ? {} : { PARTITIONS: String(of) }), ...env, ...more };
    const nodeOptions = this.#options.nodeOptions?.(name) ?? [];
    return new ServiceProcess({ name, label, env: all, nodeOptions, transcript: this.transcript });
  }

  /** One more source, not started. */
  addSource(env: Environment = {}): ServiceProcess {
    const label = `features${this.sources.length === 0 ? "" : this.sources.length + 1}`;
    const source = this.#service("features", label, join(this.folder, label), { ROWS_PER_SECOND: "0", ...env });
    this.sources.push(source);
    return source;
  }

  get features(): ServiceProcess {
    const [first] = this.sources;
    if (first === undefined) throw new Error("A pipeline has a source.");
    return first;
  }

  get #partitions() {
    return this.#options.partitions ?? ONE_PARTITION;
  }

  /** The first process of metrics. */
  get metrics(): ServiceProcess {
    const [first] = this.joins;
    if (first === undefined) throw new Error("A pipeline has metrics.");
    return first;
  }

  get services(): readonly ServiceProcess[] {
    return [...this.joins, this.model, ...this.sources];
  }

  /** Another process on the same log and queues, such as a second one of a service; not started. */
  another(name: Exclude<ServiceName, "features">, logsDir = this.logsDir, env: Environment = {}): ServiceProcess {
    const twin = this.#service(name, name === "model" || name === "metrics" ? `${name}2` : name, logsDir, env);
    this.#twins.push(twin);
    return twin;
  }

  /** Starts what does not run, and resolves when lines appear in the log. */
  async start(): Promise<this> {
    await mkdir(this.logsDir, { recursive: true });
    for (const service of this.services) if (!service.runs) service.start();
    await this.grows("lines appear in the log");
    this.#queuesOld = performance.now() + YOUNG_QUEUE_MS;
    return this;
  }

  /** Does something to the services, and resolves when each of them has said so since. */
  async makesSay(pattern: RegExp, act: () => unknown, services = this.services): Promise<void> {
    const from = services.map(({ lines }) => lines.length);
    await act();
    await Promise.all(services.map((service, i) => service.says(pattern, 60_000, from[i])));
  }

  /** SIGKILL to the broker. */
  async killBroker(broker: PrivateBroker): Promise<void> {
    await delay(Math.max(0, this.#queuesOld - performance.now()));
    this.transcript.note("broker", "gets SIGKILL");
    await broker.kill();
    this.figures.kills += 1;
  }

  get logPath(): string {
    return join(this.logsDir, "metric_log.csv");
  }

  get #newestParts(): readonly string[] {
    return LanePartition.all(CHAMPION, this.#partitions.of).map((each) => join(this.logsDir, each.fileName("metric_log", "csv")));
  }

  /** The logs of all partitions, with their finished parts. */
  get logPaths(): readonly string[] {
    return this.#newestParts.flatMap((path) => [...partFilesOf(path).map((part) => part.path), path]);
  }

  /** The positions at which the logs end, added up; 0 if there are none. */
  get logBytes(): number {
    return this.#newestParts.reduce((sum, path) => sum + (existsSync(path) ? withLog(path, ({ length }) => length) : 0), 0);
  }

  /** Resolves when the log is some lines longer than now. */
  async grows(what: string, withinMs = 60_000, from = this.logBytes): Promise<void> {
    await until(
      what,
      () => this.logBytes,
      (bytes) => bytes > from + 200,
      withinMs,
    );
  }

  /** Call when a fault has ended: counts a round, and resolves when new lines come. @throws if that takes longer than 30 s. */
  async isBackToWork(): Promise<void> {
    const began = performance.now();
    await this.grows("lines are logged after the fault", BACK_TO_WORK_MS);
    const took = Math.round(performance.now() - began);
    this.transcript.note("case", `back to work after ${took} ms`);
    this.figures.rounds += 1;
    this.figures.slowestReturnMs = Math.max(this.figures.slowestReturnMs, took);
  }

  /** Lines in the logs, as metrics counts them. */
  async logged(): Promise<number> {
    const { of, processes } = this.#partitions;
    const labelOf = (index: number) => (of === 1 ? "" : `,partition="${new LanePartition(CHAMPION, index, of).name}"`);
    const counts = this.joins.flatMap((join, i) =>
      (processes[i] ?? []).map((index) => join.metric(`streamgauge_metrics_rows{side="y_true",outcome="logged"${labelOf(index)}}`)),
    );
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
  }

  depths(): Promise<Readonly<Record<string, number>>> {
    return queueDepths(this.broker, this.vhost);
  }

  /** Runs the command line on this pipeline's log and broker. */
  cli(...args: readonly string[]): Promise<string> {
    return this.cliWith({}, ...args);
  }

  /** The same with variables of its own. */
  async cliWith(more: Environment, ...args: readonly string[]): Promise<string> {
    const env = { PATH: process.env["PATH"], AMQP_URL: this.url, LOGS_DIR: this.logsDir, PARTITIONS: String(this.#partitions.of), ...more };
    const { stdout } = await run(process.execPath, [join(ROOT, "dist/cli.js"), ...args], { env, maxBuffer: 1 << 28 });
    return stdout;
  }

  async close(): Promise<void> {
    await Promise.all([...this.services, ...this.#twins].map((service) => service.end()));
    await this.broker.ctl("delete_vhost", this.vhost).catch(() => undefined);
    await rm(this.folder, { recursive: true, force: true });
  }
}
