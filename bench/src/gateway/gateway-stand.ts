import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import {
  freePorts,
  startPrivateBroker,
  startPrivatePostgres,
  until,
  type PrivateBroker,
  type PrivatePostgres,
  type PrivatePostgresOptions,
} from "@streamgauge/testing";
import { ServiceProcess } from "../pipeline/service-process.js";
import { removeFolder, temporaryFolder } from "../system/ends-with-bench.js";
import { parseUsage } from "../system/proc-files.js";
import { GatewayClient } from "./gateway-client.js";

const SERVICES = ["metrics", "model", "gateway"] as const;
export type KilledService = (typeof SERVICES)[number];

const LOOK_MS = 200;
const START_MS = 60_000;

/** The gateway with the services behind it as processes, on a RabbitMQ and a PostgreSQL of its own. */
export class GatewayStand {
  readonly client: GatewayClient;
  readonly #broker: PrivateBroker;
  readonly #postgres: PrivatePostgres;
  readonly #port: number;
  readonly #logsDir = temporaryFolder();
  readonly #services = new Map<KilledService, ServiceProcess>();
  #peakBytes = 0;

  private constructor(broker: PrivateBroker, postgres: PrivatePostgres, port: number) {
    this.#broker = broker;
    this.#postgres = postgres;
    this.#port = port;
    this.client = new GatewayClient(`http://127.0.0.1:${port}`);
  }

  /** @param options - of its PostgreSQL. */
  static async open(options: PrivatePostgresOptions = {}): Promise<GatewayStand> {
    const [broker, postgres, [port = 0]] = [await startPrivateBroker(), await startPrivatePostgres(options), await freePorts(1)];
    const stand = new GatewayStand(broker, postgres, port);
    for (const name of SERVICES) await stand.#start(name);
    return stand;
  }

  async #start(name: KilledService): Promise<void> {
    const settings = {
      AMQP_URL: this.#broker.url,
      LOGS_DIR: this.#logsDir,
      DATABASE_URL: this.#postgres.url(),
      GATEWAY_PORT: String(this.#port),
      GATEWAY_RATE_LIMIT: "1000000",
    };
    const service = new ServiceProcess(name, settings);
    this.#services.set(name, service);
    await service.ready();
    // Its health server is ready before it listens for clients.
    if (name === "gateway") await until("the gateway answers", () => this.client.ask("/status"), Boolean, START_MS);
  }

  /** Kills a service (SIGKILL), and starts it again. */
  async kill(name: KilledService): Promise<void> {
    this.notePeak();
    const service = this.#services.get(name);
    service?.kill();
    await service?.ended.catch(() => undefined);
    await this.#start(name);
  }

  /** Kills the database, and starts it again a second later. */
  async killDatabase(): Promise<void> {
    await this.#postgres.kill();
    await delay(1_000);
    await this.#postgres.start();
  }

  /** Resolves when no queue has a message. */
  async idle(): Promise<void> {
    for (;;) {
      const { rabbitmq } = (await this.client.ask("/status")).body;
      if (rabbitmq !== undefined && Object.values(rabbitmq.queues).every((depth) => depth === 0)) return;
      await delay(LOOK_MS);
    }
  }

  notePeak(): void {
    const pid = this.#services.get("gateway")?.pid ?? 0;
    const [stat, status] = [readFileSync(`/proc/${pid}/stat`, "utf8"), readFileSync(`/proc/${pid}/status`, "utf8")];
    this.#peakBytes = Math.max(this.#peakBytes, parseUsage(stat, status).peakRssBytes);
  }

  /** The largest memory of any of the gateway's lives, in MB; noted at kills and by `notePeak`. */
  get peakMb(): number {
    return this.#peakBytes / 1_000_000;
  }

  async close(): Promise<void> {
    for (const service of this.#services.values()) service.kill();
    await Promise.all(Array.from(this.#services.values(), ({ ended }) => ended.catch(() => undefined)));
    await this.#postgres.stop();
    await this.#broker.stop();
    removeFolder(this.#logsDir);
  }
}
