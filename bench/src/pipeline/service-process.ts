import { setTimeout as delay } from "node:timers/promises";
import { builtFile, NodeProcess, nodeOptionsOf } from "@streamgauge/testing";
import { endWithBench } from "../system/ends-with-bench.js";

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
const SHOWN_OUTPUT = 4_000;
/** What a service gets of this process's environment: settings that the user has must not change what is measured. */
const INHERITED = ["PATH", "HOME", "TMPDIR", "LANG"];

/** A real service in a process of its own, as `npm start -w <service>` starts it. */
export class ServiceProcess {
  readonly name: ServiceName;
  /** Resolves when it has ended well, rejects with ServiceFailedError. */
  readonly ended: Promise<void>;
  readonly #process: NodeProcess;

  /** @param settings - environment variables. @param profiles - the folder for its profile, if it is profiled. */
  constructor(name: ServiceName, settings: Readonly<Record<string, string>>, profiles?: string) {
    // The stages of a profile are known by the files of the compiler, which a bundle does not have.
    const program =
      profiles === undefined
        ? [builtFile(`dist/${name}.js`)]
        : ["--cpu-prof", `--cpu-prof-dir=${profiles}`, builtFile(`${name}/dist/main.js`)];
    this.name = name;
    const inherited = Object.fromEntries(INHERITED.map((variable) => [variable, process.env[variable]]));
    this.#process = new NodeProcess([...nodeOptionsOf(name), ...program], {
      env: { ...inherited, ...settings, HTTP_PORT: "0" },
    });
    endWithBench(this.#process.child);
    this.ended = this.#end();
    // The caller may await it later; until then a failure must not be an unhandled rejection.
    this.ended.catch(() => undefined);
  }

  /** The end of what it said. */
  get output(): string {
    return this.#process.lines.join("\n").slice(-SHOWN_OUTPUT);
  }

  get pid(): number {
    return this.#process.pid;
  }

  async #end(): Promise<void> {
    const { code, signal } = await this.#process.ended();
    if (code !== 0) throw new ServiceFailedError(this.name, `ended with ${String(code ?? signal)}`, this.output);
  }

  /** Resolves when it says that it can do its work. @throws ServiceFailedError */
  async ready(): Promise<void> {
    const deadline = performance.now() + READY_MS;
    // It refuses to answer until its server listens.
    while (!(await this.#process.isReady().catch(() => false))) {
      if (this.#process.isOver) await this.ended;
      if (this.#process.isOver || performance.now() > deadline) throw new ServiceFailedError(this.name, "did not get ready", this.output);
      await delay(LOOK_MS);
    }
  }

  /** The sum of some of its Prometheus metrics, now; undefined if it has ended. */
  async metrics(...names: readonly string[]): Promise<number | undefined> {
    try {
      const samples = await this.#process.metrics(names);
      return samples.reduce<number>((sum, sample) => sum + (sample ?? Number.NaN), 0);
    } catch {
      // The server no longer listens.
      return undefined;
    }
  }

  /** Ends it as an operator would. @throws ServiceFailedError */
  async stop(): Promise<void> {
    this.#process.signal("SIGTERM");
    await this.ended;
  }

  /** Ends it at once. */
  kill(): void {
    this.#process.signal("SIGKILL");
  }
}
