import { spawn, type ChildProcess } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { createInterface } from "node:readline";

/** What Node writes for itself: `(node:1) MaxListenersExceededWarning: …`. */
const NODE_WARNING = /^\(node:\d+\) .*Warning: /;
/** No connection is kept, which a service that ends would wait for. */
const ONE_REQUEST = { connection: "close" };
const REQUEST_MS = 5_000;

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** What a process said by its end, and how it ended. */
export interface Ended extends Exit {
  readonly stdout: string;
  readonly stderr: string;
}

export interface NodeProcessOptions {
  /** All the variables that it has beside PATH. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string | undefined;
  /** `pipe`: what is written to `child.stdin` reaches it. Default: it has no input. */
  readonly stdin?: "pipe" | "ignore";
  /** Called with each line that it says. */
  readonly onLine?: (line: string) => void;
}

/** Another Node process, and what it says. Nothing ends it but itself, a signal or `kill`. */
export class NodeProcess {
  readonly child: ChildProcess;
  /** Resolves when it has ended. What it said last may come after that. */
  readonly exited: Promise<Exit>;
  /** What it said so far, and the lines of both in the order in which they came. */
  stdout = "";
  stderr = "";
  readonly lines: string[] = [];
  readonly #said = new EventEmitter<{ line: [] }>();
  readonly #ended: Promise<Ended>;
  #isOver = false;

  /** @param arguments_ - of Node: its options, the program's file, and the program's own. */
  constructor(arguments_: readonly string[], { env = {}, cwd, stdin = "ignore", onLine }: NodeProcessOptions = {}) {
    const child = spawn(process.execPath, [...arguments_], {
      env: { PATH: process.env["PATH"], ...env },
      cwd,
      stdio: [stdin, "pipe", "pipe"],
    });
    this.child = child;
    child.stdout?.setEncoding("utf8").on("data", (text: string) => (this.stdout += text));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (this.stderr += text));
    for (const input of [child.stdout, child.stderr]) {
      if (input === null) continue;
      createInterface({ input }).on("line", (line) => {
        this.lines.push(line);
        onLine?.(line);
        this.#said.emit("line");
      });
    }
    const exit = (): Exit => ({ code: child.exitCode, signal: child.signalCode });
    this.exited = once(child, "exit").then(exit);
    this.#ended = once(child, "close").then(() => {
      this.#isOver = true;
      return { ...exit(), stdout: this.stdout, stderr: this.stderr };
    });
  }

  /** Resolves when it has ended and said all. */
  ended(): Promise<Ended> {
    return this.#ended;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error("It could not be started.");
    return this.child.pid;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** SIGKILL, whatever it is at. Resolves when it has ended. */
  async kill(): Promise<void> {
    this.signal("SIGKILL");
    await this.exited;
  }

  /** Its output is no longer read. */
  closeOutput(): void {
    this.child.stdout?.destroy();
  }

  /** Resolves with the first line that matches. @throws if it ends without one. */
  async says(pattern: RegExp): Promise<string> {
    for (;;) {
      const line = this.lines.find((said) => pattern.test(said));
      if (line !== undefined) return line;
      if (this.#isOver) throw new Error(`It ended without saying ${String(pattern)}. It said:\n${this.lines.join("\n")}`);
      await Promise.race([once(this.#said, "line"), this.#ended]);
    }
  }

  /** A warning of Node itself, if there was one. */
  get nodeWarning(): string | undefined {
    return this.lines.find((line) => NODE_WARNING.test(line));
  }

  /** Asks a service at the address that it said for its health and metrics. @throws if it does not answer. */
  async ask(path: string): Promise<Response> {
    const line = this.lines.find((said) => said.includes("Health and metrics at "));
    const [url] = /http:\S+[^.\s]/.exec(line ?? "") ?? [];
    if (url === undefined) throw new Error("It has not said yet where it answers.");
    return fetch(url + path, { headers: ONE_REQUEST, signal: AbortSignal.timeout(REQUEST_MS) });
  }

  async isReady(): Promise<boolean> {
    return (await this.ask("/readyz")).ok;
  }

  /** Samples of its metrics at one time, each as `name{labels}`; undefined for one that it does not have. @throws if it does not answer. */
  async metrics(samples: readonly string[]): Promise<(number | undefined)[]> {
    const lines = (await (await this.ask("/metrics")).text()).split("\n");
    return samples.map((sample) => {
      const line = lines.find((one) => one.startsWith(`${sample} `));
      return line === undefined ? undefined : Number(line.slice(sample.length + 1));
    });
  }

  /** One of `metrics`. */
  async metric(sample: string): Promise<number | undefined> {
    return (await this.metrics([sample]))[0];
  }
}
