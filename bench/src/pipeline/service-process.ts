import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { freePorts } from "@streamgauge/testing";
import { builtFile } from "@streamgauge/testing";
import { endWithBench } from "../system/ends-with-bench.js";
import { nodeOptionsOf } from "./node-options.js";

/** A service of the pipeline, by the name of its folder. */
export type ServiceName = "features" | "model" | "metrics" | "plot" | "gateway";

/** A service that ended although it should not have, or not well, with what it said. */
export class ServiceFailedError extends Error {
  override readonly name = "ServiceFailedError";
  readonly service: string;

  constructor(service: string, how: string, output: string) {
    super(`The service ${service} ${how}. The end of what it said:\n${output.trimEnd()}`);
    this.service = service;
  }
}

const READY_MS = 60_000;
const LOOK_MS = 50;
const KEPT_OUTPUT = 4_000;
/** No connection is kept, which a service that ends would wait for. */
const ONE_REQUEST = { headers: { connection: "close" } };
/** What a service gets of this process's environment: settings that the user has must not change what is measured. */
const INHERITED = ["PATH", "HOME", "TMPDIR", "LANG"];

/** A real service in a process of its own, as `npm start -w <service>` starts it. */
export class ServiceProcess {
  readonly name: ServiceName;
  /** Resolves when it has ended well, rejects with ServiceFailedError. */
  readonly ended: Promise<void>;
  readonly #child: ChildProcess;
  readonly #url: string;
  #output = "";
  #over = false;

  private constructor(name: ServiceName, child: ChildProcess, url: string) {
    this.name = name;
    this.#child = child;
    this.#url = url;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (chunk: Buffer) => {
        this.#output = (this.#output + chunk.toString()).slice(-KEPT_OUTPUT);
      });
    }
    this.ended = this.#end();
    // The caller may await it later; until then a failure must not be an unhandled rejection.
    this.ended.catch(() => undefined);
  }

  /** @param settings - environment variables. @param nodeOptions - of Node itself, beside its own. */
  static async start(
    name: ServiceName,
    settings: Readonly<Record<string, string>>,
    nodeOptions: readonly string[] = [],
  ): Promise<ServiceProcess> {
    const [port = 0] = await freePorts(1);
    const inherited = Object.fromEntries(INHERITED.map((variable) => [variable, process.env[variable]]));
    const child = spawn(process.execPath, [...nodeOptionsOf(name), ...nodeOptions, builtFile(`${name}/dist/main.js`)], {
      env: { ...inherited, ...settings, HTTP_PORT: String(port) },
      stdio: ["ignore", "pipe", "pipe"],
    });
    endWithBench(child);
    return new ServiceProcess(name, child, `http://127.0.0.1:${port}`);
  }

  /** The end of what it said. */
  get output(): string {
    return this.#output;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async #end(): Promise<void> {
    const [code, signal]: unknown[] = await once(this.#child, "close");
    this.#over = true;
    if (code !== 0) throw new ServiceFailedError(this.name, `ended with ${String(code ?? signal)}`, this.#output);
  }

  /** Resolves when it says that it can do its work. @throws ServiceFailedError */
  async ready(): Promise<void> {
    const deadline = performance.now() + READY_MS;
    while (!(await this.#isReady())) {
      if (this.#over) await this.ended;
      if (this.#over || performance.now() > deadline) throw new ServiceFailedError(this.name, "did not get ready", this.#output);
      await delay(LOOK_MS);
    }
  }

  async #isReady(): Promise<boolean> {
    try {
      return (await fetch(`${this.#url}/readyz`, ONE_REQUEST)).ok;
    } catch {
      // The server does not listen yet.
      return false;
    }
  }

  /** The sum of some of its Prometheus metrics, now; undefined if it has ended. */
  async metrics(...names: readonly string[]): Promise<number | undefined> {
    try {
      const text = await (await fetch(`${this.#url}/metrics`, ONE_REQUEST)).text();
      return names.reduce((sum, name) => sum + Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1]), 0);
    } catch {
      // The server no longer listens.
      return undefined;
    }
  }

  /** Ends it as an operator would. @throws ServiceFailedError */
  async stop(): Promise<void> {
    this.#child.kill("SIGTERM");
    await this.ended;
  }

  /** Ends it at once. */
  kill(): void {
    this.#child.kill("SIGKILL");
  }
}
