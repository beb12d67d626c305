import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { builtFile } from "../built-file.js";
import { yamlFile } from "./yaml-file.js";

interface Service {
  readonly image?: string;
  readonly hostname?: string;
  readonly environment?: Readonly<Record<string, string | null>>;
  readonly depends_on?: Readonly<Record<string, object>>;
  readonly healthcheck?: object;
  readonly volumes?: readonly string[];
  readonly [more: string]: unknown;
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, null>>;
}

const base = yamlFile<Compose>("docker-compose.yml");
const cluster = yamlFile<Compose>("docker-compose.cluster.yml");
const NODES = ["rabbitmq", "rabbitmq2", "rabbitmq3"];
const ADDED = NODES.slice(1);

test("every service that links to RabbitMQ has the addresses of the three nodes, and waits for all", () => {
  const linked = Object.entries(base.services).filter(([, { environment }]) => environment?.["RABBITMQ_HOST"] !== undefined);
  expect(linked.map(([name]) => name).toSorted()).toEqual(
    ["alerts", "features", "gateway", "metrics", "metrics-challenger", "model", "model-challenger", "plot"].toSorted(),
  );
  for (const [name] of linked) {
    expect(cluster.services[name]?.environment, name).toEqual({ RABBITMQ_HOST: "rabbitmq,rabbitmq2,rabbitmq3" });
    expect(Object.keys(cluster.services[name]?.depends_on ?? {}), name).toEqual(NODES);
  }
});

test.each(ADDED)("%s is run as the first node is, on data of its own", (node) => {
  const first = base.services["rabbitmq"];
  const added = cluster.services[node];
  const same = ["image", "healthcheck", "restart", "stop_grace_period", "ulimits", "cap_drop", "cap_add", "security_opt", "logging"];
  for (const key of same) expect(added?.[key], key).toEqual(first?.[key]);
  expect(added?.hostname).toBe(node);
  expect(added?.volumes).toEqual([`${node}-data:/var/lib/rabbitmq`, "./deploy/rabbitmq/cluster.conf:/etc/rabbitmq-cluster.conf:ro"]);
  expect(cluster.volumes).toHaveProperty(`${node}-data`, null);
});

test("all nodes have one cookie and the same configuration", () => {
  const cookie = "-setcookie ${RABBITMQ_COOKIE:?set RABBITMQ_COOKIE in .env, see docs/cluster.md}";
  for (const node of NODES) {
    const { environment, volumes } = cluster.services[node] ?? {};
    expect(environment?.["RABBITMQ_CTL_ERL_ARGS"]).toBe(cookie);
    expect(environment?.["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"]).toBe(`${cookie} +sbwt none +sbwtdcpu none +sbwtdio none`);
    expect(volumes?.at(-1)).toBe("./deploy/rabbitmq/cluster.conf:/etc/rabbitmq-cluster.conf:ro");
  }
  expect(readFileSync(builtFile(".env.example"), "utf8")).toMatch(/^#RABBITMQ_COOKIE=$/m);
});

test("one tag of .env is that of all nodes", () => {
  expect(base.services["rabbitmq"]?.image).toBe("rabbitmq:${RABBITMQ_TAG:-4-management}");
  expect(readFileSync(builtFile(".env.example"), "utf8")).toMatch(/^#RABBITMQ_TAG=4-management$/m);
});

test("the nodes find each other under their hosts' names", () => {
  const text = readFileSync(builtFile("deploy/rabbitmq/cluster.conf"), "utf8");
  expect([...text.matchAll(/^cluster_formation\.classic_config\.nodes\.\d = rabbit@(.*)$/gm)].map(([, host]) => host)).toEqual(NODES);
});
