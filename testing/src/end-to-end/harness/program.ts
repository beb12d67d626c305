import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { expect, onTestFailed, onTestFinished } from "vitest";
import { builtFile } from "../../built-file.js";

/** What Node writes for itself: `(node:1) MaxListenersExceededWarning: …`. */
const NODE_WARNING = /^\(node:\d+\) .*Warning: /m;

/** How a process ended. */
export interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** What a process said by its end, and how it ended. */
export interface Ended extends End {
  readonly stdout: string;
  readonly stderr: string;
}

/** A program of this project as a process, which ends with the test. */
export class Program {
  readonly #child: ChildProcess;
  readonly #ended: Promise<End>;
  /** What it said so far. */
  stdout = "";
  stderr = "";

  /** @param arguments_ - of Node: the program's file, and the program's own. @param env - all that it has beside PATH. */
  constructor(arguments_: readonly string[], env: Readonly<Record<string, string>> = {}, cwd?: string) {
    const child = spawn(process.execPath, [...arguments_], {
      env: { PATH: process.env["PATH"], ...env },
      cwd,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    // Not "exit": what it said last may come after that.
    this.#ended = once(child, "close").then(() => ({ code: child.exitCode, signal: child.signalCode }));
    child.stdout.setEncoding("utf8").on("data", (text: string) => (this.stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (this.stderr += text));
    onTestFailed(() => void process.stderr.write(`\n--- ${arguments_.join(" ")}\n${this.stdout}${this.stderr}`));
    onTestFinished(async () => {
      child.kill("SIGKILL");
      await this.#ended;
      expect(this.stderr, "Node warned of something: mend its cause").not.toMatch(NODE_WARNING);
    });
  }

  /** Resolves with the first line on standard output that matches. @throws if it ends without one. */
  async says(pattern: RegExp): Promise<string> {
    const { stdout } = this.#child;
    if (stdout === null) throw new Error("There is no standard output.");
    for (;;) {
      const line = this.stdout.split("\n").find((said) => pattern.test(said));
      if (line !== undefined) return line;
      const over = await Promise.race([once(stdout, "data").then(() => false), this.#ended.then(() => true)]);
      if (over && !pattern.test(this.stdout)) throw new Error(`It ended without saying ${String(pattern)}.`);
    }
  }

  /** Resolves with a sample of its metrics; 0 if it has none. */
  async metric(sample: string): Promise<number> {
    const url = /http:\S+[^.\s]/.exec(await this.says(/Health and metrics at /))?.[0] ?? "";
    const text = await (await fetch(`${url}/metrics`)).text();
    return Number(
      text
        .split("\n")
        .find((line) => line.startsWith(`${sample} `))
        ?.slice(sample.length) ?? 0,
    );
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error("It could not be started.");
    return this.#child.pid;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Its output is no longer read. */
  closeOutput(): void {
    this.#child.stdout?.destroy();
  }

  async ended(): Promise<Ended> {
    const end = await this.#ended;
    return { ...end, stdout: this.stdout, stderr: this.stderr };
  }
}

/** A service as a process. */
export function startService(
  name: "features" | "model" | "metrics" | "plot" | "alerts" | "gateway",
  env: Readonly<Record<string, string>>,
): Program {
  return new Program([builtFile(`${name}/dist/main.js`)], env);
}

/** The command line as a process. */
export function startCli(arguments_: readonly string[], env: Readonly<Record<string, string>> = {}, cwd?: string): Program {
  return new Program([builtFile("cli/dist/main.js"), ...arguments_], env, cwd);
}
