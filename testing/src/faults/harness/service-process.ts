import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { NodeProcess, type Exit } from "../../node-process.js";
import { until } from "../../until.js";
import { processUse } from "./process-use.js";
import type { Transcript } from "./transcript.js";

/** The project's root: the built services are run, as a user runs them. */
export const ROOT = fileURLToPath(new URL("../../../..", import.meta.url));

export type ServiceName = "features" | "model" | "metrics" | "alerts" | "plot" | "gateway";
export type Environment = Readonly<Record<string, string>>;

export interface ServiceOptions {
  readonly name: ServiceName;
  /** What it is called in the transcript. */
  readonly label: string;
  readonly env: Environment;
  /** Options of Node. Default: none. */
  readonly nodeOptions?: readonly string[];
  readonly transcript: Transcript;
}

/** Pause before a process that died is started again. */
const RESTART_MS = 200;

/**
 * One service as a process, and the supervisor that starts it again whenever it ends without having been asked to, or
 * ends badly.
 */
export class ServiceProcess {
  readonly options: ServiceOptions;
  /** Of its lives so far that are over. */
  readonly exits: Exit[] = [];
  /** All that it said, in all lives. */
  readonly lines: string[] = [];
  /** Its present life. */
  #process: NodeProcess | undefined;
  /** A warning of Node in any life. */
  #warning: string | undefined;
  #supervised = true;
  #restart: NodeJS.Timeout | undefined;

  constructor(options: ServiceOptions) {
    this.options = options;
  }

  /** @param firstLife - variables that its next life does not have any more. */
  start(firstLife: Environment = {}): this {
    const { name, label, env, nodeOptions = [], transcript } = this.options;
    clearTimeout(this.#restart);
    const life = new NodeProcess([...nodeOptions, join(ROOT, "dist", `${name}.js`)], {
      env: { ...env, ...firstLife },
      onLine: (line) => {
        this.lines.push(line);
        transcript.note(label, line);
      },
    });
    this.#process = life;
    this.#supervised = true;
    void life.exited.then((exit) => this.#ended(life, exit));
    transcript.note(label, `started, pid ${life.pid}`);
    return this;
  }

  #ended(life: NodeProcess, exit: Exit): void {
    if (this.#process === life) this.#process = undefined;
    this.#warning ??= life.nodeWarning;
    this.exits.push(exit);
    this.options.transcript.note(this.options.label, `ended: ${exit.signal ?? exit.code}`);
    if (!this.#supervised || exit.code === 0) return;
    this.#restart = setTimeout(() => this.start(), RESTART_MS);
  }

  get pid(): number {
    return this.#running.pid;
  }

  get runs(): boolean {
    return this.#process !== undefined;
  }

  /** Whether someone starts it again when it dies. */
  get supervised(): boolean {
    return this.#supervised && this.exits.length > 0 && this.exits.at(-1)?.code !== 0;
  }

  signal(signal: NodeJS.Signals): void {
    this.options.transcript.note(this.options.label, `gets ${signal}`);
    process.kill(this.pid, signal);
  }

  /** SIGKILL, whatever it is at; the supervisor starts it again. Resolves when it is dead. Where it does not run, it is between two lives. */
  async kill(): Promise<void> {
    const life = this.#process;
    if (life === undefined) return;
    this.signal("SIGKILL");
    await life.exited;
  }

  /** Begins a life that ends at a failpoint, `name` or `name:n`; resolves when the supervisor has begun the one after it. */
  async crashAt(failpoint: string): Promise<void> {
    await this.end();
    this.start({ FAILPOINT: failpoint });
    const { signal } = await this.ended();
    if (signal !== "SIGKILL") throw new Error(`${this.options.label} did not die at ${failpoint}.`);
    await until(`${this.options.label} runs again`, () => this.runs);
  }

  /** Ends it for good: SIGKILL without a restart. */
  async end(): Promise<void> {
    this.#supervised = false;
    clearTimeout(this.#restart);
    await this.kill();
  }

  /** SIGTERM, once it is up. Resolves with its exit; it is not restarted. */
  async stop(): Promise<Exit> {
    if (this.runs || this.supervised) await this.ready();
    this.#supervised = false;
    if (this.#process !== undefined) this.signal("SIGTERM");
    return this.ended();
  }

  /** Resolves with how its present life ends. */
  async ended(): Promise<Exit> {
    await this.#process?.exited;
    if (this.#warning !== undefined) throw new Error(`${this.options.label} had Node warn: ${this.#warning}`);
    return this.exits.at(-1) ?? { code: 0, signal: null };
  }

  /** It is not restarted when it ends. */
  unsupervise(): void {
    this.#supervised = false;
  }

  /** Resolves with the first line that it says from now on, or has said since line `from`. */
  async says(pattern: RegExp, withinMs = 60_000, from = 0): Promise<string> {
    const line = await until(
      `${this.options.label} says ${String(pattern)}`,
      () => this.lines.slice(from).find((said) => pattern.test(said)),
      Boolean,
      withinMs,
    );
    return line ?? "";
  }

  get #running(): NodeProcess {
    if (this.#process === undefined) throw new Error(`${this.options.label} does not run.`);
    return this.#process;
  }

  async ready(withinMs = 60_000): Promise<void> {
    await until(`${this.options.label} is ready`, () => this.#running.isReady(), Boolean, withinMs);
  }

  /** Whether it says that it is ready: its link stands. */
  isReady(): Promise<boolean> {
    return this.#running.isReady();
  }

  async alive(): Promise<boolean> {
    return (await this.#running.ask("/livez")).status === 200;
  }

  /** A sample of its metrics, as `name{labels}`. @throws if it does not answer or has none. */
  async metric(sample: string): Promise<number> {
    const value = await this.#running.metric(sample);
    if (value === undefined) throw new Error(`${this.options.label} has no sample ${sample}.`);
    return value;
  }

  /** Memory in use now, in MiB. */
  get residentMiB(): number {
    return processUse(this.pid).residentMiB;
  }
}
