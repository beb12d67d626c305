import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { referenceOf } from "@streamgauge/core";
import { parse, stringify } from "yaml";
import { startPrivateBroker } from "../../broker/start-private-broker.js";
import { builtFile } from "../../built-file.js";
import { freePorts } from "../../free-ports.js";
import { NodeProcess } from "../../node-process.js";
import { startPrivatePostgres } from "../../postgres/private-postgres.js";
import { WrittenLog } from "../harness/metric-log.js";
import { numberedModel, placeModel } from "../harness/numbered-model.js";
import { PrivatePrometheus } from "./private-prometheus.js";

const FEATURES = ["age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"];
/** When the first row happened, in s since 1970; the others are a second apart, but for a pause of five minutes after the first 900. Windows of minutes are kept for a day: seven minutes of a test. */
export const FIRST_S = Date.UTC(2026, 0, 1) / 1000;
const ROWS_PER_SECOND = "200";
const WORSE_FROM_ROW = 1_500;
const ROWS = 6_000;
const CHAMPION_MODEL = "a.onnx";

/** A pipeline with everything that the dashboards show, in one process over RabbitMQ and PostgreSQL. */
export class WatchedPipeline {
  readonly prometheus: PrivatePrometheus;
  /** Of the gateway's database, as its owner. */
  readonly databaseUrl: string;
  readonly gatewayUrl: string;
  readonly #closing: Closing;

  private constructor(prometheus: PrivatePrometheus, databaseUrl: string, gatewayUrl: string, closing: Closing) {
    this.prometheus = prometheus;
    this.databaseUrl = databaseUrl;
    this.gatewayUrl = gatewayUrl;
    this.#closing = closing;
  }

  /**
   * Champion and challenger score the rows of `rowsOf`. When this resolves, an alarm was raised, a label was corrected, the lanes were
   * compared, and the champion's model was replaced.
   */
  static async start(): Promise<WatchedPipeline> {
    const closing: Closing = [];
    try {
      return await WatchedPipeline.#open(closing);
    } catch (error) {
      await close(closing);
      throw error;
    }
  }

  static async #open(closing: Closing): Promise<WatchedPipeline> {
    const folder = mkdtempSync(join(tmpdir(), "streamgauge-watched-"));
    closing.push(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
    const [metricsPort = 0, servicesPort = 0] = await freePorts(2);
    const [broker, postgres] = await Promise.all([startPrivateBroker({ metricsPort }), startPrivatePostgres()]);
    closing.push(
      () => broker.stop(),
      () => postgres.stop(),
    );
    const databaseUrl = await postgres.addDatabase("gateway");
    // It looks from the first row on, however long it takes to start: what changes later was otherwise before.
    const prometheus = await PrivatePrometheus.start(configFor(`127.0.0.1:${servicesPort}`, `127.0.0.1:${metricsPort}`), folder);
    closing.push(() => prometheus.stop());
    const pipeline = startUp(folder, { AMQP_URL: broker.url, DATABASE_URL: databaseUrl, HTTP_PORT: String(servicesPort) });
    closing.push(() => pipeline.kill());
    const gatewayUrl = await addressIn(pipeline, /The gateway is at /);
    // Someone looks at it.
    const looking = setInterval(() => void fetch(`${gatewayUrl}/windows?size=1d`).catch(() => undefined), 500);
    closing.push(() => clearInterval(looking));
    await makeHistory(pipeline, folder, gatewayUrl);
    return new WatchedPipeline(prometheus, databaseUrl, gatewayUrl, closing);
  }

  stop(): Promise<void> {
    return close(this.#closing);
  }
}

/** What ends each part, in the order in which they were started. */
type Closing = (() => unknown)[];

async function close(closing: Closing): Promise<void> {
  for (const end of closing.toReversed()) await end();
}

/** `streamgauge up` with two lanes. */
function startUp(folder: string, links: Readonly<Record<string, string>>): NodeProcess {
  const [champion, challenger, dataset] = [join(folder, CHAMPION_MODEL), join(folder, "b.onnx"), join(folder, "rows.csv")];
  placeModel(champion, numberedModel(1));
  placeModel(challenger, numberedModel(2));
  // What drift is measured from; it stays beside the champion's next model.
  for (const name of ["a.json", "b.json"]) writeFileSync(join(folder, name), JSON.stringify({ reference: reference() }));
  writeFileSync(dataset, rowsOf(ROWS));
  return new NodeProcess([builtFile("dist/cli.js"), "up"], {
    env: {
      ...links,
      LOGS_DIR: join(folder, "logs"),
      LANES: `champion=${champion},challenger=${challenger}`,
      DATASET_PATH: dataset,
      TIME_COLUMN: "when",
      ALLOW_UNLABELLED: "1",
      ROWS_PER_SECOND,
      FRAME_ROWS: "10",
      GATEWAY_PORT: "0",
    },
  });
}

async function addressIn(pipeline: NodeProcess, line: RegExp): Promise<string> {
  return /http:\/\/[\d.:]+\d/.exec(await pipeline.says(line))?.[0] ?? "";
}

async function makeHistory(pipeline: NodeProcess, folder: string, gateway: string): Promise<void> {
  const log = new WrittenLog(join(folder, "logs"));
  await log.has(100);
  const [id = ""] = log.ids;
  const corrected = await fetch(`${gateway}/labels?correct=true&who=test`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ id, y_true: 1_000 }),
  });
  if (corrected.status !== 202) throw new Error(`The gateway did not take a correction: ${await corrected.text()}`);
  await pipeline.says(/The error of model v1@\S+ became worse at /);
  await pipeline.says(/Champion is better than challenger after /);
  placeModel(join(folder, CHAMPION_MODEL), numberedModel(3));
  await pipeline.says(/Model v3@\S+ takes over lane champion/);
  const { length } = log.lines;
  await log.has(length + 500);
}

/** Of rows as those of `rowsOf`, and the predictions of model 1. */
function reference() {
  const bmi = Float64Array.from({ length: 1_300 }, (_, i) => bmiOf(i));
  const columns = FEATURES.map((name) => [name, name === "bmi" ? bmi : new Float64Array(bmi.length).fill(1)] as const);
  const yPred = bmi.map((value) => 1_000 + value);
  return referenceOf(bmi.length, new Map(columns), yPred);
}

function bmiOf(row: number): number {
  return 20 + (row % 13);
}

/**
 * A dataset whose labels a model numbered 1 misses by 10, too low and too high in turns, and from row 1,500 on by 300. One in ten of the
 * first 600 rows has no label, but for those of the sixth minute.
 */
function rowsOf(count: number): string {
  const lines = Array.from({ length: count }, (_, i) => {
    const error = (i < WORSE_FROM_ROW ? 10 : 300) * (i % 2 === 0 ? 1 : -1);
    const bmi = bmiOf(i);
    const label = i < 600 && i % 10 === 0 && Math.floor(i / 60) !== 5 ? "" : String(1_000 + bmi + error);
    return [FIRST_S + i + (i < 900 ? 0 : 300), ...FEATURES.map((name) => (name === "bmi" ? bmi : 1)), label].join(",");
  });
  return `${[["when", ...FEATURES, "target"].join(","), ...lines].join("\n")}\n`;
}

interface ScrapeConfig {
  readonly job_name: string;
  dns_sd_configs?: unknown;
  static_configs?: unknown;
}

/** The configuration that is shipped, with the addresses of a test in the place of those of the compose file, and a shorter interval. */
function configFor(services: string, rabbitmq: string): string {
  const shipped: { global: object; rule_files: string[]; scrape_configs: ScrapeConfig[] } = parse(
    readFileSync(builtFile("deploy/prometheus/prometheus.yaml"), "utf8"),
  );
  const scraped = shipped.scrape_configs.map(({ dns_sd_configs: _compose, ...config }) =>
    config.job_name === "streamgauge"
      ? { ...config, static_configs: [{ targets: [services], labels: { __meta_dns_name: "streamgauge" } }] }
      : { ...config, static_configs: [{ targets: [rabbitmq], labels: { __meta_dns_name: "rabbitmq" } }] },
  );
  return stringify({
    global: { scrape_interval: "1s", evaluation_interval: "1s" },
    rule_files: shipped.rule_files.map((name) => builtFile(`deploy/prometheus/${name}`)),
    scrape_configs: scraped,
  });
}
