import { freePorts, startPrivateBroker, startPrivatePostgres, until, type PrivateBroker, type PrivatePostgres } from "@streamgauge/testing";
import { CommitWatch } from "../pipeline/commit-watch.js";
import { ServiceProcess, type ServiceName } from "../pipeline/service-process.js";
import { removeFolder, temporaryFolder } from "../system/ends-with-bench.js";

const BEHIND_THE_SOURCE = ["metrics", "plot", "model", "gateway"] as const;
const START_MS = 60_000;
/** Runs end long before. */
const ENDLESS = String(Number.MAX_SAFE_INTEGER);

/** All services as processes, on a RabbitMQ and a PostgreSQL of their own, with rows that flow until it is closed. */
export class PageStand {
  readonly url: string;
  readonly services: ReadonlyMap<ServiceName, ServiceProcess>;
  readonly #broker: PrivateBroker;
  readonly #postgres: PrivatePostgres;
  readonly #logsDir: string;
  readonly #watch: CommitWatch;
  #lines = 0;

  private constructor(parts: {
    url: string;
    services: ReadonlyMap<ServiceName, ServiceProcess>;
    broker: PrivateBroker;
    postgres: PrivatePostgres;
    logsDir: string;
    watch: CommitWatch;
  }) {
    this.url = parts.url;
    this.services = parts.services;
    this.#broker = parts.broker;
    this.#postgres = parts.postgres;
    this.#logsDir = parts.logsDir;
    this.#watch = parts.watch;
  }

  /** @param rowsPerSecond - 0: as fast as it goes. @throws ServiceFailedError */
  static async open(rowsPerSecond: number): Promise<PageStand> {
    const [broker, postgres, [port = 0]] = [await startPrivateBroker(), await startPrivatePostgres(), await freePorts(1)];
    const logsDir = temporaryFolder();
    const url = `http://127.0.0.1:${port}`;
    const settings = { AMQP_URL: broker.url, LOGS_DIR: logsDir, DATABASE_URL: postgres.url(), GATEWAY_PORT: String(port) };
    const services = new Map<ServiceName, ServiceProcess>();
    for (const name of BEHIND_THE_SOURCE) {
      const service = new ServiceProcess(name, settings);
      services.set(name, service);
      await service.ready();
    }
    // Its health server is ready before it listens for clients.
    await until("the gateway answers", async () => (await fetch(`${url}/status`)).ok, Boolean, START_MS);
    const watch = await CommitWatch.open(logsDir, AbortSignal.timeout(START_MS));
    const source = { ROWS_PER_SECOND: String(rowsPerSecond), ROW_LIMIT: ENDLESS, FRAME_ROWS: "2048", FRAME_FORMAT: "arrow" };
    services.set("features", new ServiceProcess("features", { ...settings, ...source }));
    return new PageStand({ url, services, broker, postgres, logsDir, watch });
  }

  /** Rows that are committed to the log. */
  get lines(): number {
    this.#lines = this.#watch.look()?.lines ?? this.#lines;
    return this.#lines;
  }

  async close(): Promise<void> {
    await this.#watch.close();
    for (const service of this.services.values()) service.kill();
    await Promise.all(Array.from(this.services.values(), ({ ended }) => ended.catch(() => undefined)));
    await this.#postgres.stop();
    await this.#broker.stop();
    removeFolder(this.#logsDir);
  }
}
