import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { builtFile } from "../../built-file.js";
import { yamlFile } from "../../deploy/yaml-file.js";
import { DASHBOARDS, readDashboard, type Panel } from "./dashboard.js";
import { prometheusProgram } from "./private-prometheus.js";

interface Provisioned {
  readonly datasources: readonly {
    readonly uid: string;
    readonly type: string;
    readonly user?: string;
    readonly jsonData: { readonly timeInterval: string };
    readonly secureJsonData?: Readonly<Record<string, string>>;
  }[];
}

interface Scraping {
  readonly global: { readonly scrape_interval: string };
  readonly scrape_configs: readonly {
    readonly job_name: string;
    readonly dns_sd_configs?: readonly { readonly names: readonly string[]; readonly type: string; readonly port: number }[];
    readonly relabel_configs?: readonly { readonly target_label: string; readonly replacement?: string }[];
  }[];
}

interface ComposeService {
  readonly image: string;
  readonly command?: readonly string[];
  readonly profiles?: readonly string[];
  readonly user?: string;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly healthcheck?: object;
  readonly environment: Readonly<Record<string, string>>;
}

const { datasources } = yamlFile<Provisioned>("deploy/grafana/provisioning/datasources/streamgauge.yaml");
const scraping = yamlFile<Scraping>("deploy/prometheus/prometheus.yaml");
const { services, volumes } = yamlFile<{ services: Record<string, ComposeService>; volumes: Record<string, null> }>("docker-compose.yml");

/** As Grafana names them; each was looked up in the list of @grafana/data 13.2. */
const UNITS = ["none", "short", "s", "bytes", "percentunit", "reqps", "rowsps"];

test("the dashboards are those that are tested, each with a uid of its own", () => {
  expect(readdirSync(builtFile("deploy/grafana/dashboards")).toSorted()).toEqual(DASHBOARDS.map((name) => `${name}.json`));
  expect(DASHBOARDS.map((name) => readDashboard(name).uid)).toEqual(["streamgauge-operation", "streamgauge-windows"]);
});

describe.each(DASHBOARDS)("the dashboard %s", (name) => {
  const { panels, templating, annotations, schemaVersion } = readDashboard(name);
  const charts = panels.filter(({ type }) => type !== "row");

  test("is of the schema of Grafana 12 and 13", () => expect(schemaVersion).toBe(42));

  test("numbers its panels, each once", () => expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length));

  test("lays no panel over another, or beyond the 24 columns", () => {
    const overlapping = panels.flatMap((one, i) => panels.slice(i + 1).filter((other) => overlap(one, other)));
    expect(overlapping).toEqual([]);
    expect(panels.filter(({ gridPos: { x, w } }) => x < 0 || w < 1 || x + w > 24)).toEqual([]);
  });

  test.each(charts)("says in $title what it is, with its unit", ({ description = "", fieldConfig, targets = [] }) => {
    expect(description).toMatch(/^[A-Z1-9].{30,}[.a-z]$/);
    expect(UNITS).toContain(fieldConfig?.defaults.unit);
    expect(targets.length).toBeGreaterThan(0);
    expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
  });

  test("has no title twice in a row of panels", () => {
    const titles = charts.map(({ title, type }) => `${type} ${title}`);
    expect(titles.filter((title, i) => titles.indexOf(title) !== i)).toEqual([]);
  });

  test("names no data source but one that is provisioned and can be chosen", () => {
    const [choice, ...others] = templating.list.filter(({ type }) => type === "datasource");
    expect(others).toEqual([]);
    const source = datasources.find(({ uid }) => uid === choice?.current.value);
    expect(source?.type).toBe(choice?.query);
    const named = [...charts, ...annotations.list, ...templating.list.filter(({ type }) => type === "query")];
    expect(named.length).toBeGreaterThan(15);
    for (const { datasource } of named) expect(datasource).toEqual({ type: source?.type, uid: `\${${choice?.name}}` });
  });
});

function overlap({ gridPos: one }: Panel, { gridPos: other }: Panel): boolean {
  return one.x < other.x + other.w && other.x < one.x + one.w && one.y < other.y + other.h && other.y < one.y + one.h;
}

describe("what is provisioned", () => {
  test("has no credential in a file", () => {
    expect(datasources.map(({ user, secureJsonData }) => [user, secureJsonData])).toEqual([
      [undefined, undefined],
      ["streamgauge_reader", { password: "$GRAFANA_READER_PASSWORD" }],
    ]);
  });

  test("knows how often Prometheus scrapes, from which the windows of rates follow", () => {
    expect([datasources[0]?.jsonData.timeInterval, scraping.global.scrape_interval]).toEqual(["15s", "15s"]);
  });

  test("scrapes every service of the compose file", () => {
    const ours = Object.entries(services).filter(([name, { image }]) => image === "streamgauge" && name !== "logs-owner");
    const scraped = scraping.scrape_configs
      .filter(({ job_name: job }) => job === "streamgauge")
      .flatMap(({ dns_sd_configs: found = [] }) => found.flatMap(({ names }) => names));
    expect(ours.length).toBeGreaterThanOrEqual(8);
    expect(scraped.toSorted()).toEqual(ours.map(([name]) => name).toSorted());
  });

  test("scrapes each node of RabbitMQ, as one service", () => {
    const cluster = yamlFile<{ services: Record<string, object> }>("docker-compose.cluster.yml");
    const nodes = Object.keys(cluster.services).filter((name) => name.startsWith("rabbitmq"));
    expect(nodes.length).toBe(3);
    const jobs = scraping.scrape_configs.filter(({ job_name: job }) => job.startsWith("rabbitmq"));
    expect(jobs.map(({ job_name: job }) => job)).toEqual(["rabbitmq", "rabbitmq-queues"]);
    for (const { dns_sd_configs: found, relabel_configs: labels } of jobs) {
      expect(found).toMatchObject([{ names: nodes, type: "A", port: 15_692 }]);
      expect(labels).toContainEqual({ target_label: "service", replacement: "rabbitmq" });
    }
  });

  test("is what Prometheus takes, and its rules fire when they should", () => {
    for (const args of [
      ["check", "config", "prometheus.yaml"],
      ["test", "rules", "streamgauge.rules.test.yaml"],
    ]) {
      const { status, stdout, stderr } = spawnSync(prometheusProgram("promtool"), args, {
        cwd: builtFile("deploy/prometheus"),
        encoding: "utf8",
      });
      expect({ status, said: status === 0 ? "" : stdout + stderr }).toEqual({ status: 0, said: "" });
    }
  });
});

describe("the compose file's profile monitoring", () => {
  const monitoring = Object.entries(services).filter(([, { profiles = [] }]) => profiles.includes("monitoring"));

  test("is Prometheus, Grafana, and what makes its role", () => {
    expect(monitoring.map(([name]) => name)).toEqual(["prometheus", "grafana", "grafana-reader"]);
    expect(services["grafana-reader"]?.image).toBe(services["postgres"]?.image);
    for (const name of ["prometheus", "grafana"]) expect(services[name]?.image).toMatch(/^[a-z]+\/[a-z]+:v?\d+\.\d+\.\d+$/);
  });

  test.each(monitoring)(
    "%s is open on this machine alone, not root, and finds its files",
    (_, { ports = [], user, volumes: mounts = [] }) => {
      for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\$\{[A-Z_]+:-\d+\}:\d+$/);
      expect(user).toMatch(/^(472:0|65534:65534|postgres)$/);
      for (const mount of mounts) {
        const [source = "", , mode] = mount.split(":");
        if (!source.startsWith("./")) expect(volumes).toHaveProperty(source);
        else expect([existsSync(builtFile(source)), mode]).toEqual([true, "ro"]);
      }
    },
  );

  test.each(["prometheus", "grafana"])("%s has a health check and a port", (name) => {
    expect(services[name]?.healthcheck).toBeDefined();
    expect(services[name]?.ports).toHaveLength(1);
  });

  test("Grafana wants a login, whose password comes from the environment", () => {
    expect(services["grafana"]?.environment).toMatchObject({
      GF_AUTH_ANONYMOUS_ENABLED: "false",
      GF_SECURITY_ADMIN_PASSWORD: "${GRAFANA_PASSWORD:-password}",
    });
  });
});
