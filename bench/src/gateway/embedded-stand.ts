import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { builtFile, NodeProcess, nodeOptionsIn, until } from "@streamgauge/testing";
import { now } from "../clock.js";
import { endWithBench, removeFolder, temporaryFolder } from "../system/ends-with-bench.js";
import { GatewayClient } from "./gateway-client.js";

const LOOK_MS = 2;
const START_MS = 60_000;

/** All services in one process, as `npm start` starts them, with an empty folder of logs. */
export class EmbeddedStand {
  readonly client: GatewayClient;
  /** From the start of the process to the first logged row, in ms. */
  readonly startMs: number;
  readonly #process: NodeProcess;
  readonly #logsDir: string;

  private constructor(process: NodeProcess, logsDir: string, url: string, startMs: number) {
    this.#process = process;
    this.#logsDir = logsDir;
    this.client = new GatewayClient(url);
    this.startMs = startMs;
  }

  /** Resolves when the gateway answers and its database is open. */
  static async open(): Promise<EmbeddedStand> {
    const logsDir = temporaryFolder();
    const { scripts }: { scripts: { start: string } } = JSON.parse(readFileSync(builtFile("package.json"), "utf8"));
    const env = { HOME: process.env["HOME"], LOGS_DIR: logsDir, GATEWAY_PORT: "0", GATEWAY_RATE_LIMIT: "1000000" };
    const began = now();
    const up = new NodeProcess([...nodeOptionsIn(scripts.start), builtFile("scripts/run.mjs"), "cli", "up"], { env });
    endWithBench(up.child);
    while (!hasRow(join(logsDir, "metric_log.csv"))) {
      if (up.isOver) throw new Error(`npm start ended. It said:\n${up.lines.join("\n")}`);
      await delay(LOOK_MS);
    }
    const startMs = now() - began;
    const [url = ""] = /http:\S+(?=,)/.exec(await up.says(/The gateway is at/)) ?? [];
    const stand = new EmbeddedStand(up, logsDir, url, startMs);
    await until("the database answers", async () => (await stand.client.ask("/predictions?limit=1")).status === 200, Boolean, START_MS);
    return stand;
  }

  async close(): Promise<void> {
    await this.#process.kill();
    removeFolder(this.#logsDir);
  }
}

/** Whether the log has a line below its header. */
function hasRow(log: string): boolean {
  try {
    return readFileSync(log, "utf8").split("\n").length > 2;
  } catch {
    return false;
  }
}
