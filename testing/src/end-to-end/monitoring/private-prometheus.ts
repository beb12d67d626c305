import { once } from "node:events";
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { builtFile } from "../../built-file.js";
import { findProgram } from "../../find-program.js";
import { freePorts } from "../../free-ports.js";
import { until } from "../../until.js";

/** One of the series that a query returns: its labels, and its values, the latest last. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly values: readonly number[];
}

/** A Prometheus of its own for tests. */
export interface PrivatePrometheus {
  /** What a query returns for each second since this was started, as for a chart. @throws if Prometheus refuses it. */
  query(promql: string): Promise<Series[]>;
  /** What is wrong with the rules that it runs; none if all is well. */
  ruleErrors(): Promise<string[]>;
  stop(): Promise<void>;
}

interface Answer<Data> {
  readonly status: string;
  readonly error?: string;
  readonly data: Data;
}

/** The path of `prometheus` or `promtool`. @throws if it is not installed. */
export function prometheusProgram(name: "prometheus" | "promtool"): string {
  const found = findProgram(name, (process.env["PATH"] ?? "").split(delimiter));
  if (found === undefined)
    throw new Error('Prometheus was not found. "npm test" installs it on Debian and Ubuntu as root; on macOS: brew install prometheus.');
  return found;
}

/** Starts one, with a configuration in YAML or JSON. @param folder - where it keeps its data. */
export async function startPrometheus(config: string, folder: string): Promise<PrivatePrometheus> {
  const [port = 0] = await freePorts(1);
  const path = join(folder, "prometheus.yaml");
  writeFileSync(path, config);
  const child = spawn(
    prometheusProgram("prometheus"),
    [`--config.file=${path}`, `--storage.tsdb.path=${join(folder, "data")}`, `--web.listen-address=127.0.0.1:${port}`, "--log.level=error"],
    { stdio: ["ignore", "ignore", "inherit"], cwd: builtFile("deploy/prometheus") },
  );
  const began = Date.now() / 1000;
  const url = `http://127.0.0.1:${port}`;
  const ask = async <Data>(api: string): Promise<Data> => {
    const answer: Answer<Data> = JSON.parse(await (await fetch(`${url}/api/v1/${api}`)).text());
    if (answer.status !== "success") throw new Error(`${api}: ${answer.error}`);
    return answer.data;
  };
  await until("Prometheus is ready", async () => (await fetch(`${url}/-/ready`)).ok);
  return {
    query: async (promql) => {
      const range = new URLSearchParams({ query: promql, start: String(began), end: String(Date.now() / 1000), step: "1" });
      const { result } = await ask<{ result: { metric: Record<string, string>; values: [number, string][] }[] }>(
        `query_range?${range.toString()}`,
      );
      return result.map(({ metric, values }) => ({ labels: metric, values: values.map(([, value]) => Number(value)) }));
    },
    ruleErrors: async () => {
      const { groups } = await ask<{ groups: { rules: { name: string; lastError?: string }[] }[] }>("rules");
      return groups.flatMap(({ rules }) =>
        rules.flatMap(({ name, lastError }) => (lastError === undefined ? [] : [`${name}: ${lastError}`])),
      );
    },
    stop: async () => {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    },
  };
}
