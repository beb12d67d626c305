import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Transcript } from "./transcript.js";
import { until } from "../../until.js";

/** The project's root: the built services are run, as a user runs them. */
export const ROOT = fileURLToPath(new URL("../../../..", import.meta.url));

export type ServiceName = "features" | "model" | "metrics" | "alerts";
export type Environment = Readonly<Record<string, string>>;

/** How one life of a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ServiceOptions {
  readonly name: ServiceName;
  /** What it is called in the transcript. */
  readonly label: string;
  readonly env: Environment;
  readonly transcript: Transcript;
}

/** What Node writes for itself: `(node:1) MaxListenersExceededWarning: …`. */
const NODE_WARNING = /^\(node:\d+\) .*Warning: /;

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
  #child: ChildProcess | undefined;
  #supervised = true;
  #restart: NodeJS.Timeout | undefined;
  /** The first line of its present life. */
  #born = 0;

  constructor(options: ServiceOptions) {
    this.options = options;
  }

  /** @param firstLife - variables that its next life does not have any more. */
  start(firstLife: Environment = {}): this {
    const { name, label, env, transcript } = this.options;
    clearTimeout(this.#restart);
    this.#born = this.lines.length;
    const child = spawn(process.execPath, [join(ROOT, name, "dist/main.js")], {
      env: { PATH: process.env["PATH"], ...env, ...firstLife },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    this.#supervised = true;
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (line) => {
        this.lines.push(line);
        transcript.note(label, line);
      });
    }
    child.on("exit", (code, signal) => this.#ended(child, { code, signal }));
    transcript.note(label, `started, pid ${child.pid}`);
    return this;
  }

  #ended(child: ChildProcess, exit: Exit): void {
    if (this.#child === child) this.#child = undefined;
    this.exits.push(exit);
    this.options.transcript.note(this.options.label, `ended: ${exit.signal ?? exit.code}`);
    if (!this.#supervised || exit.code === 0) return;
    this.#restart = setTimeout(() => this.start(), RESTART_MS);
  }

  get pid(): number {
    if (this.#child?.pid === undefined) throw new Error(`${this.options.label} does not run.`);
    return this.#child.pid;
  }

  get runs(): boolean {
    return this.#child !== undefined;
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
    const child = this.#child;
    if (child === undefined) return;
    this.signal("SIGKILL");
    await endOf(child);
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
    if (this.#child !== undefined) this.signal("SIGTERM");
    return this.ended();
  }

  /** Resolves with how its present life ends. */
  async ended(): Promise<Exit> {
    if (this.#child !== undefined) await endOf(this.#child);
    const warning = this.lines.find((line) => NODE_WARNING.test(line));
    if (warning !== undefined) throw new Error(`${this.options.label} had Node warn: ${warning}`);
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

  async #fetch(path: string): Promise<Response> {
    const line = this.lines.slice(this.#born).find((said) => said.includes("Health and metrics at "));
    return fetch(`${/http:\S+[^.\s]/.exec(line ?? "")?.[0] ?? ""}${path}`, { signal: AbortSignal.timeout(5_000) });
  }

  async ready(withinMs = 60_000): Promise<void> {
    await until(`${this.options.label} is ready`, async () => (await this.#fetch("/readyz")).status === 200, Boolean, withinMs);
  }

  async alive(): Promise<boolean> {
    return (await this.#fetch("/livez")).status === 200;
  }

  /** A sample of its metrics, as `name{labels}`. @throws if it does not answer or has none. */
  async metric(sample: string): Promise<number> {
    const text = await (await this.#fetch("/metrics")).text();
    const line = text.split("\n").find((one) => one.startsWith(`${sample} `));
    if (line === undefined) throw new Error(`${this.options.label} has no sample ${sample}.`);
    return Number(line.slice(sample.length + 1));
  }

  /** Memory in use now, in MiB. */
  get residentMiB(): number {
    return residentMiB(this.pid);
  }
}

async function endOf(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
}

/** Memory of a process in RAM, in MiB (Linux). */
export function residentMiB(pid: number): number {
  return Number(/VmRSS:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? Number.NaN) / 1024;
}
