import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { findProgram } from "../../find-program.js";
import { freePorts } from "../../free-ports.js";
import { spawnGuarded } from "../../guarded-process.js";
import { until } from "../../until.js";

/** Prometheus is not installed. */
export class PrometheusMissingError extends Error {
  override readonly name = "PrometheusMissingError";

  constructor(program: string) {
    super(
      `${program} was not found. Install Prometheus: on Debian or Ubuntu "npm test" does it as root, or "apt-get install prometheus"; on macOS "brew install prometheus".`,
    );
  }
}

/** The path of one of Prometheus' programs. @throws PrometheusMissingError */
export function prometheusProgram(name: "prometheus" | "promtool"): string {
  const found = findProgram(name, (process.env["PATH"] ?? "").split(delimiter));
  if (found === undefined) throw new PrometheusMissingError(name);
  return found;
}

/** One of the series that a query returns: its labels, and its values, the latest last. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly values: readonly number[];
}

interface Matrix {
  readonly result: readonly { readonly metric: Readonly<Record<string, string>>; readonly values: readonly [number, string][] }[];
}

interface Rules {
  readonly groups: readonly { readonly rules: readonly { readonly name: string; readonly lastError?: string }[] }[];
}

/** A Prometheus of its own for tests. It ends with the process that started it. */
export class PrivatePrometheus {
  readonly #url: string;
  readonly #server: ReturnType<typeof spawnGuarded>;
  readonly #began = Date.now() / 1000;

  private constructor(url: string, server: ReturnType<typeof spawnGuarded>) {
    this.#url = url;
    this.#server = server;
  }

  /** @param config - in YAML. @param folder - where it keeps its data. */
  static async start(config: string, folder: string): Promise<PrivatePrometheus> {
    const [port = 0] = await freePorts(1);
    const file = join(folder, "prometheus.yaml");
    writeFileSync(file, config);
    const listen = `--web.listen-address=127.0.0.1:${port}`;
    const args = [`--config.file=${file}`, `--storage.tsdb.path=${join(folder, "prometheus")}`, listen, "--log.level=error"];
    const url = `http://127.0.0.1:${port}`;
    const started = new PrivatePrometheus(url, spawnGuarded(prometheusProgram("prometheus"), args, { stderr: "inherit" }));
    await until("Prometheus is ready", async () => (await fetch(`${url}/-/ready`)).ok);
    return started;
  }

  /** What a query returns for each second since the start, as for a chart. @throws if Prometheus refuses it. */
  async query(promql: string): Promise<Series[]> {
    const range = { query: promql, start: String(this.#began), end: String(Date.now() / 1000), step: "1" };
    const { result } = await this.#ask<Matrix>(`query_range?${new URLSearchParams(range).toString()}`);
    return result.map(({ metric, values }) => ({ labels: metric, values: values.map(([, value]) => numberOf(value)) }));
  }

  /** What is wrong with its rules. */
  async ruleErrors(): Promise<string[]> {
    const { groups } = await this.#ask<Rules>("rules");
    return groups.flatMap(({ rules }) =>
      rules.flatMap(({ name, lastError }) => (lastError === undefined ? [] : [`${name}: ${lastError}`])),
    );
  }

  async #ask<Data>(path: string): Promise<Data> {
    const answer = await fetch(`${this.#url}/api/v1/${path}`);
    const { status, error, data }: { status: string; error?: string; data: Data } = JSON.parse(await answer.text());
    if (status !== "success") throw new Error(`Prometheus refuses ${path}: ${error}`);
    return data;
  }

  async stop(): Promise<void> {
    const ended = once(this.#server, "exit");
    if (this.#server.pid !== undefined) process.kill(-this.#server.pid, "SIGKILL");
    await ended;
  }
}

/** As Prometheus writes it. */
function numberOf(text: string): number {
  return text === "+Inf" ? Infinity : Number(text);
}
