import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { BrokerNode } from "@streamgauge/core/testing";
import { expect, type TestContext } from "vitest";
import { SEED } from "./dice.js";
import { compareLog, type Comparison } from "./oracle.js";
import { queueDepths } from "./queues.js";
import { ROOT, ServiceProcess, type Environment, type Exit, type ServiceName } from "./service-process.js";
import { Transcript } from "./transcript.js";
import { knownTruth } from "./truth.js";
import { until } from "./until.js";

export interface PipelineOptions {
  /** For all services. */
  readonly env?: Environment;
  /** For the first source. Default: one row a message, as fast as the rest takes them, endless. */
  readonly source?: Environment;
  readonly metrics?: Environment;
  readonly model?: Environment;
  /** Words before `node` for metrics, like `bash -c 'ulimit …'`. */
  readonly metricsThrough?: readonly string[];
  /** The URL that the services use, of the one that leads straight to the broker. */
  readonly url?: (straight: string) => string;
  /** Parent of the log's folder. Default: a new one in the system's folder for temporary files. */
  readonly folder?: string;
}

/** How long the last rows may take to reach the log, from the last sign of progress. */
const STANDSTILL_MS = 60_000;
/** RabbitMQ finds a dead link by two missed heartbeats; the services' own back-off is 10 s at most. */
export const BACK_TO_WORK_MS = 30_000;

const run = promisify(execFile);

/** The services of one case, in a virtual host and a folder of their own. All of it ends with the case; its transcript is shown where that fails. */
export async function openPipeline(context: TestContext, broker: BrokerNode, options: PipelineOptions = {}): Promise<Pipeline> {
  const vhost = `faults-${randomBytes(4).toString("hex")}`;
  const folder = await mkdtemp(join(options.folder ?? tmpdir(), "streamgauge-faults-"));
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
  readonly broker: BrokerNode;
  readonly vhost: string;
  readonly folder: string;
  readonly logsDir: string;
  /** Straight to the broker. */
  readonly url: string;
  readonly model: ServiceProcess;
  readonly metrics: ServiceProcess;
  /** The first is `features`; each has a checkpoint of its own. */
  readonly sources: ServiceProcess[] = [];
  /** Rows that were sent by other hands: id → row of the study, from 0. */
  readonly others = new Map<string, number>();
  readonly figures = { rounds: 0, kills: 0, rows: 0, lost: 0, doubled: 0, unexpected: 0, wrong: 0, slowestReturnMs: 0 };
  readonly #options: PipelineOptions;

  constructor(broker: BrokerNode, vhost: string, folder: string, url: string, options: PipelineOptions) {
    this.broker = broker;
    this.vhost = vhost;
    this.folder = folder;
    this.logsDir = join(folder, "logs");
    this.url = url;
    this.#options = options;
    this.metrics = this.#service("metrics", "metrics", this.logsDir, options.metrics);
    this.model = this.#service("model", "model", this.logsDir, options.model);
    this.addSource(options.source);
  }

  #service(name: ServiceName, label: string, logsDir: string, more: Environment = {}): ServiceProcess {
    const { url = (straight) => straight, env = {}, metricsThrough } = this.#options;
    const all = { AMQP_URL: url(this.url), LOGS_DIR: logsDir, ...env, ...more };
    const through = name === "metrics" && metricsThrough !== undefined ? { through: metricsThrough } : {};
    return new ServiceProcess({ name, label, env: all, transcript: this.transcript, ...through });
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

  get services(): readonly ServiceProcess[] {
    return [this.metrics, this.model, ...this.sources];
  }

  /** A second process of a service, on the same log and queues; not started. */
  another(name: "model" | "metrics", env: Environment = {}): ServiceProcess {
    const twin = this.#service(name, `${name}2`, this.logsDir, env);
    this.#twins.push(twin);
    return twin;
  }
  readonly #twins: ServiceProcess[] = [];

  /** Starts what does not run, and resolves when lines appear in the log. */
  async start(): Promise<this> {
    await mkdir(this.logsDir, { recursive: true });
    for (const service of this.services) if (!service.runs) service.start();
    await this.grows("lines appear in the log");
    return this;
  }

  get logPath(): string {
    return join(this.logsDir, "metric_log.csv");
  }

  /** Bytes of the log; 0 where there is none. */
  get logBytes(): number {
    return statSync(this.logPath, { throwIfNoEntry: false })?.size ?? 0;
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

  /** Call where a fault has ended: counts a round, and resolves when new lines come. @throws where that takes longer than 30 s. */
  async isBackToWork(): Promise<void> {
    const began = performance.now();
    await this.grows("lines are logged after the fault", BACK_TO_WORK_MS);
    const took = Math.round(performance.now() - began);
    this.transcript.note("case", `back to work after ${took} ms`);
    this.figures.rounds += 1;
    this.figures.slowestReturnMs = Math.max(this.figures.slowestReturnMs, took);
  }

  /** Lines in the log, as metrics counts them. */
  logged(): Promise<number> {
    return this.metrics.metric('streamgauge_metrics_rows{side="y_true",outcome="logged"}');
  }

  depths(): Promise<Readonly<Record<string, number>>> {
    return queueDepths(this.broker, this.vhost);
  }

  /** Runs the command line on this pipeline's log and broker. */
  async cli(...args: readonly string[]): Promise<string> {
    const env = { PATH: process.env["PATH"], AMQP_URL: this.url, LOGS_DIR: this.logsDir };
    const { stdout } = await run(process.execPath, [join(ROOT, "cli/dist/main.js"), ...args], { env, maxBuffer: 1 << 28 });
    return stdout;
  }

  /** Stops the sources and returns the runs that they made, with the rows that the broker has confirmed. */
  async stopSources(): Promise<{ run: string; rows: number }[]> {
    const runs: { run: string; rows: number }[] = [];
    for (const source of this.sources) {
      if (source.exits.length === 0 && !source.runs) continue;
      expect(await source.stop()).toEqual({ code: 0, signal: null });
      const checkpoint: { run: string; rows: number } = JSON.parse(
        await readFile(join(source.options.env["LOGS_DIR"] ?? "", ".state/features.json"), "utf8"),
      );
      runs.push({ run: checkpoint.run, rows: checkpoint.rows });
    }
    return runs;
  }

  /**
   * The end of every case: the sources stop, the rest flows into the log, every process ends with 0, every row adds up, and the log is
   * what an undisturbed run would have written.
   *
   * @param deadLetters - how many are expected.
   */
  async settles({ deadLetters = 0 }: { readonly deadLetters?: number } = {}): Promise<Comparison> {
    const runs = await this.stopSources();
    const rows = runs.reduce((sum, one) => sum + one.rows, this.others.size);
    await this.#drains(rows);
    const depths = await until("all queues are empty", () => this.depths(), (queues) => isDrained(queues), STANDSTILL_MS);
    expect(depths["dead-letters"]).toBe(deadLetters);
    for (const service of [this.model, this.metrics]) expect(await service.stop()).toEqual(CLEAN_END);
    await this.addsUp();
    const comparison = await compareLog(this.logPath, { runs, others: this.others }, await knownTruth());
    this.#note(comparison);
    expect(comparison).toEqual({ rows, lost: 0, doubled: 0, unexpected: 0, wrong: 0, examples: [] });
    return comparison;
  }

  /** `streamgauge verify` exits with 0. */
  async addsUp(): Promise<void> {
    this.transcript.note("verify", await this.cli("verify").catch((error: { stdout?: string }) => `FAILED ${error.stdout}`));
    expect(this.transcript.text).toContain("Every row adds up");
  }

  async #drains(rows: number): Promise<void> {
    for (let last = -1; ; ) {
      const logged = await until(`more than ${last} of ${rows} rows are logged`, () => this.logged(), (count) => count > last, STANDSTILL_MS);
      if (logged >= rows) return;
      last = logged;
    }
  }

  #note({ examples: _, ...counts }: Comparison): void {
    const kills = this.services.flatMap(({ exits }) => exits).filter(({ signal }) => signal === "SIGKILL").length;
    Object.assign(this.figures, { ...counts, kills: this.figures.kills + kills });
  }

  async close(): Promise<void> {
    await Promise.all([...this.services, ...this.#twins].map((service) => service.end()));
    await this.broker.ctl("delete_vhost", this.vhost).catch(() => undefined);
    await rm(this.folder, { recursive: true, force: true });
  }
}

const CLEAN_END: Exit = { code: 0, signal: null };

function isDrained(queues: Readonly<Record<string, number>>): boolean {
  return Object.entries(queues).every(([name, messages]) => name === "dead-letters" || messages === 0);
}
