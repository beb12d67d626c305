import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as alerts from "@streamgauge/alerts";
import { COMMON_SETTINGS, DATA_SETTINGS, openHealthServer, queuesOf } from "@streamgauge/core";
import * as features from "@streamgauge/features";
import * as gateway from "@streamgauge/gateway";
import * as metrics from "@streamgauge/metrics";
import * as model from "@streamgauge/model";
import { Registry } from "prom-client";
import { describe, expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { builtFile } from "../built-file.js";
import {
  allManifests,
  FOLDER,
  isWorkload,
  kustomizations,
  patched,
  type Change,
  type Container,
  type Manifest,
  type Workload,
} from "./manifests.js";
import { schemaFaults } from "./schema-check.js";

const manifests = allManifests();
const workloads = manifests.flatMap(({ manifest }) => (isWorkload(manifest) ? [manifest] : []));
const containers = workloads.flatMap((workload) => workload.spec.template.spec.containers.map((container) => ({ workload, container })));

const COMMON = { ...COMMON_SETTINGS, ...DATA_SETTINGS };
/** What each service reads. */
const SETTINGS: Readonly<Record<string, object>> = {
  features: { ...COMMON, ...features.SETTINGS },
  model: { ...COMMON, ...model.SETTINGS },
  metrics: { ...COMMON, ...metrics.SETTINGS },
  plot: COMMON,
  alerts: { ...COMMON, ...alerts.SETTINGS },
  gateway: { ...COMMON, ...gateway.SETTINGS },
};
const start = readFileSync(builtFile("docker/start.mjs"), "utf8");
/** What the start of a container reads beside settings. */
const OF_START = new Set([...start.matchAll(/\b(RABBITMQ_\w+|POSTGRES_\w+)\b(?=[^\n]*process\.env|[:,} ])/g)].map(([name]) => name));

const shared = Object.fromEntries(
  readFileSync(builtFile(`${FOLDER}/base/settings.env`), "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line): [string, string] => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
);

function named<M extends Manifest = Manifest>(kind: string, name: string): M {
  const found = manifests.find(({ manifest }) => manifest.kind === kind && manifest.metadata.name === name);
  if (found === undefined) throw new Error(`There is no ${kind} ${name}.`);
  // The schema says the rest.
  return found.manifest as M;
}

function valueOf({ env }: Container, name: string): string | undefined {
  return env.find((variable) => variable.name === name)?.value ?? shared[name];
}

test.each(manifests.map(({ path, manifest }) => [path, manifest.kind, manifest.metadata.name, manifest] as const))(
  "%s: %s %s is as its published schema has it",
  (_path, _kind, _name, manifest) => expect(schemaFaults(manifest)).toEqual([]),
);

test("the check finds a wrong type, a field that is missing, and one that is misspelt", () => {
  const [model] = workloads.filter(({ metadata }) => metadata.name === "model");
  const spoilt = structuredClone({ ...model }) as Workload;
  Object.assign(spoilt.spec, { replicas: "two" });
  Object.assign(spoilt.spec.template.spec, { terminationGraceSeconds: 5, containers: [{ image: "streamgauge" }] });
  expect(schemaFaults(spoilt)).toEqual([
    '/spec/replicas must be integer {"type":"integer"}',
    '/spec/template/spec must NOT have additional properties {"additionalProperty":"terminationGraceSeconds"}',
    '/spec/template/spec/containers/0 must have required property \'name\' {"missingProperty":"name"}',
  ]);
  expect(schemaFaults({ apiVersion: "v1", kind: "Nothing" })).toEqual(["v1/Nothing has no schema in testing/src/deploy/schemas"]);
});

describe.each(kustomizations().map(({ folder, kustomization }) => [folder, kustomization] as const))("%s", (folder, kustomization) => {
  test("names files and folders that exist", () => {
    const { resources = [], components = [], configMapGenerator = [], patches = [] } = kustomization;
    const files = [...resources, ...components, ...configMapGenerator.flatMap(({ envs = [] }) => envs)];
    expect(files.length + patches.length).toBeGreaterThan(0);
    expect(files.filter((file) => !existsSync(builtFile(join(FOLDER, folder, file))))).toEqual([]);
  });

  test("leaves out no file that lies beside it", () => {
    const beside = manifests.map(({ path }) => path).filter((path) => join(path, "..") === folder);
    expect(new Set(kustomization.resources?.filter((path) => !path.includes("/")) ?? [])).toEqual(
      new Set(beside.map((path) => path.slice(folder.length + 1))),
    );
  });

  test("patches what there is, to what the schema allows", () => {
    for (const { target, patch } of kustomization.patches ?? []) {
      const after = patched(named(target.kind, target.name), parse(patch) as Change[]);
      expect(schemaFaults(after), `${target.kind} ${target.name}`).toEqual([]);
    }
  });
});

test("every service runs once, by its name", () => {
  expect(containers.map(({ container }) => container.args.join(" ")).toSorted()).toEqual([
    "alerts",
    "features",
    "gateway",
    "metrics",
    "model",
    "plot",
  ]);
  for (const { container } of containers) expect(existsSync(builtFile(`${container.args[0]}/src/main.ts`))).toBe(true);
});

test("the settings of all exist in the program", () => {
  const all = Object.assign({}, ...Object.values(SETTINGS));
  expect(Object.keys(shared).filter((name) => !(name in all) && !OF_START.has(name))).toEqual([]);
  expect([...OF_START].toSorted()).toEqual(
    ["POSTGRES_HOST", "POSTGRES_PASSWORD", "POSTGRES_USER", "RABBITMQ_DEFAULT_PASS", "RABBITMQ_DEFAULT_USER", "RABBITMQ_HOST"].toSorted(),
  );
});

describe.each(containers.map(({ container, workload }) => [container.name, container, workload] as const))(
  "the container %s",
  (name, container, { spec }) => {
    const { spec: pod } = spec.template;

    test("has variables that its service reads", () => {
      const settings = SETTINGS[container.args[0] ?? ""] ?? {};
      expect(
        container.env.map((variable) => variable.name).filter((variable) => !(variable in settings) && !OF_START.has(variable)),
      ).toEqual([]);
      expect(container.envFrom).toEqual([{ configMapRef: { name: "streamgauge-settings" } }]);
    });

    test("opens the port of its health checks, and the gateway its own", () => {
      const ports = [valueOf(container, "HTTP_PORT"), ...(name === "gateway" ? [valueOf(container, "GATEWAY_PORT")] : [])];
      expect(container.ports.map(({ containerPort }) => String(containerPort))).toEqual(ports);
      expect(valueOf(container, "HTTP_HOST")).toBe("0.0.0.0");
    });

    test("is asked at paths that are answered", async () => {
      const server = await openHealthServer({ host: "127.0.0.1", port: 0, registry: new Registry(), ready: () => true });
      onTestFinished(() => server.close());
      const probes = [container.startupProbe, container.livenessProbe, container.readinessProbe];
      expect(probes.map(({ httpGet }) => httpGet.port)).toEqual(probes.map(() => container.ports[0]?.name));
      // The gateway's page says that RabbitMQ is away: it must not be away with it.
      expect(probes.map(({ httpGet }) => httpGet.path)).toEqual(["/livez", "/livez", name === "gateway" ? "/livez" : "/readyz"]);
      for (const { httpGet } of probes) expect((await fetch(`${server.url}${httpGet.path}`)).status).toBe(200);
    });

    test("writes to volumes alone, in the folder of LOGS_DIR", () => {
      const volumes = [...pod.volumes, ...(spec.volumeClaimTemplates ?? []).map(({ metadata }) => metadata)].map((volume) => volume.name);
      expect(container.volumeMounts.map((mount) => mount.name).filter((mount) => !volumes.includes(mount))).toEqual([]);
      const workdir = /^WORKDIR (.*)$/m.exec(readFileSync(builtFile("Dockerfile"), "utf8"))?.[1];
      expect(container.volumeMounts.map(({ mountPath }) => mountPath)).toEqual([`${workdir}/${COMMON_SETTINGS.LOGS_DIR.default}`, "/tmp"]);
    });

    test("runs without rights, within bounds", () => {
      expect(container.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      });
      expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: "RuntimeDefault" } });
      expect([pod.automountServiceAccountToken, pod.enableServiceLinks]).toEqual([false, false]);
      expect(container.resources).toEqual({
        requests: { cpu: expect.any(String), memory: expect.any(String) },
        limits: { memory: expect.any(String) },
      });
      expect(pod.terminationGracePeriodSeconds).toBe(15);
    });
  },
);

describe("what refers to another object", () => {
  const pods = workloads.map(({ spec }) => spec.template.metadata.labels);
  const services = manifests.map(({ manifest }) => manifest).filter(({ kind }) => kind === "Service");

  test("a service finds its pods, at ports that they open", () => {
    for (const { metadata, spec } of services) {
      expect(pods, metadata.name).toContainEqual(spec["selector"]);
      const ports = containers
        .filter(({ workload }) => workload.metadata.name === metadata.name)
        .flatMap(({ container }) => container.ports);
      const targets = (spec["ports"] as { name: string; targetPort: string }[]).map(({ targetPort }) => targetPort);
      expect(ports.map((port) => port.name).toSorted(), metadata.name).toEqual(targets.toSorted());
    }
  });

  test("a service whose pod is not ready can be asked why", () => {
    const hidden = services.filter(({ spec }) => spec["publishNotReadyAddresses"] !== true);
    expect(hidden.map(({ metadata }) => metadata.name)).toEqual(["gateway"]);
  });

  test("a workload selects the pods that it makes", () => {
    for (const { spec } of workloads) expect(spec.selector.matchLabels).toEqual(spec.template.metadata.labels);
  });

  test("the services have the address of each node of RabbitMQ", () => {
    const { replicas } = named("RabbitmqCluster", "rabbitmq").spec;
    const nodes = Array.from({ length: Number(replicas) }, (_, i) => `rabbitmq-server-${i}.rabbitmq-nodes`);
    expect(shared["RABBITMQ_HOST"]).toBe(nodes.join(","));
  });

  test("RabbitMQ is configured as deploy/rabbitmq/cluster.conf has it", () => {
    const { rabbitmq } = named("RabbitmqCluster", "rabbitmq").spec as { rabbitmq: { additionalConfig: string } };
    const own = readFileSync(builtFile("deploy/rabbitmq/cluster.conf"), "utf8").split("\n");
    const lines = own.filter((line) => line !== "" && !line.startsWith("#") && !line.startsWith("cluster_formation."));
    expect(rabbitmq.additionalConfig.trim().split("\n")).toEqual(lines);
  });

  test("a disk of RabbitMQ has room beyond the 2 GB that its operator wants to be free", () => {
    const storage = (node: Manifest) => (node.spec["persistence"] as { storage: string }).storage;
    const all = kustomizations().flatMap(({ kustomization }) =>
      (kustomization.patches ?? [])
        .filter(({ target }) => target.kind === "RabbitmqCluster")
        .map(({ target, patch }) => storage(patched(named(target.kind, target.name), parse(patch) as Change[]))),
    );
    const sizes = [storage(named("RabbitmqCluster", "rabbitmq")), ...all];
    expect(sizes.length).toBeGreaterThan(1);
    for (const size of sizes) expect(Number(/^(\d+)Gi$/.exec(size)?.[1])).toBeGreaterThanOrEqual(5);
  });

  test("the gateway asks every service for its status", () => {
    const asking = containers.flatMap(({ container }) => (container.name === "gateway" ? [container] : []));
    const targets = asking.flatMap((container) => valueOf(container, "STATUS_URLS")?.split(",") ?? []);
    const expected = containers.map(({ container, workload }) => {
      const host = container.name === "gateway" ? "127.0.0.1" : workload.metadata.name;
      return `${container.name}=http://${host}:${valueOf(container, "HTTP_PORT")}`;
    });
    expect(targets.toSorted()).toEqual(expected.toSorted());
  });

  test("models are scaled by the queue that they read: by what waits there, and to none only if nothing comes", () => {
    const { scaleTargetRef, triggers } = named("ScaledObject", "model").spec as {
      scaleTargetRef: { name: string };
      triggers: { type: string; metadata: Record<string, string>; authenticationRef: { name: string } }[];
    };
    expect(workloads.map(({ metadata }) => metadata.name)).toContain(scaleTargetRef.name);
    const queue = queuesOf("champion").features;
    expect(triggers.map(({ type, metadata }) => [type, metadata["queueName"], metadata["protocol"], metadata["mode"]])).toEqual([
      ["rabbitmq", queue, "amqp", "QueueLength"],
      ["rabbitmq", queue, "http", "MessageRate"],
    ]);
    for (const { authenticationRef } of triggers) expect(named("TriggerAuthentication", authenticationRef.name)).toBeDefined();
    const scaled = kustomizations().filter(({ kustomization: { components } }) =>
      components?.some((path) => path.endsWith("/autoscaling")),
    );
    expect(scaled.length).toBeGreaterThan(0);
    const hosts = scaled.map(({ kustomization: { namespace } }) => `http://rabbitmq.${namespace}.svc:15672/`);
    expect(new Set(hosts)).toEqual(new Set([triggers[1]?.metadata["host"]]));
  });

  test("budgets, policies and monitors mean pods, services and ports that there are", () => {
    const names = [...workloads.map(({ metadata }) => metadata.name), "rabbitmq"];
    const text = manifests
      .filter(({ path }) => /budgets|network|monitoring/.test(path))
      .map(({ manifest }) => JSON.stringify(manifest))
      .join("\n");
    const meant = [...text.matchAll(/"app\.kubernetes\.io\/name":"([^"]*)"/g)].map(([, name]) => name);
    expect(meant.length).toBeGreaterThan(5);
    expect(meant.filter((name) => !names.includes(name ?? ""))).toEqual([]);
    const opened = containers.flatMap(({ container }) => container.ports.map(({ containerPort }) => containerPort));
    const ofRabbitMq = [4369, 5672, 15_672, 15_692, 25_672];
    const allowed = [...text.matchAll(/"port":(\d+)/g)].map(([, port]) => Number(port));
    expect(allowed.filter((port) => ![...opened, ...ofRabbitMq, 53].includes(port))).toEqual([]);
    expect(opened.filter((port) => !allowed.includes(port))).toEqual([]);
  });
});

describe("the component partitions", () => {
  const found = kustomizations().find(({ folder }) => folder === "components/partitions")?.kustomization;
  const after = <M extends Manifest>(kind: string, name: string): M => {
    const patches = found?.patches?.filter(({ target }) => target.kind === kind && target.name === name) ?? [];
    expect(patches.length).toBe(1);
    return patched(named<M>(kind, name), parse(patches[0]?.patch ?? "") as Change[]);
  };
  const pod = () => after<Workload>("StatefulSet", "metrics").spec.template.spec;
  const ofMetrics = () => pod().containers.filter(({ args }) => args[0] === "metrics");

  test("runs each partition once, in the pod with the volume of the logs", () => {
    expect(found?.configMapGenerator).toEqual([{ name: "streamgauge-settings", behavior: "merge", literals: ["PARTITIONS=4"] }]);
    expect(ofMetrics().map((container) => valueOf(container, "PARTITION"))).toEqual(["1", "2", "3", "4"]);
    expect(after<Workload>("StatefulSet", "metrics").spec.replicas).toBe(1);
  });

  test("differs among its containers in name, partition and port alone", () => {
    const [first, ...others] = ofMetrics();
    const common = ({ image, envFrom, resources, securityContext, volumeMounts }: Container) => ({
      image,
      envFrom,
      resources,
      securityContext,
      volumeMounts,
    });
    for (const container of others) expect(common(container)).toEqual(first && common(first));
    for (const container of ofMetrics()) {
      const [port] = container.ports;
      expect(valueOf(container, "HTTP_PORT")).toBe(String(port?.containerPort));
      const probes = [container.startupProbe, container.livenessProbe, container.readinessProbe];
      expect(probes.map(({ httpGet }) => [httpGet.path, httpGet.port])).toEqual(
        ["/livez", "/livez", "/readyz"].map((path) => [path, port?.name]),
      );
      const settings = { ...COMMON, ...metrics.SETTINGS };
      expect(container.env.map(({ name }) => name).filter((name) => !(name in settings) && !OF_START.has(name))).toEqual([]);
    }
  });

  test("opens every port of the pod once, to what asks there", () => {
    const ports = pod().containers.flatMap((container) => container.ports);
    expect(new Set(ports.map(({ containerPort }) => containerPort)).size).toBe(5);
    const service = after("Service", "metrics").spec["ports"] as { port: number; targetPort: string }[];
    expect(service.map(({ port, targetPort }) => [port, targetPort])).toEqual(
      ports.map(({ name, containerPort }) => [containerPort, name]),
    );
    const [ingress] = after("NetworkPolicy", "streamgauge-health").spec["ingress"] as { ports: { port: number }[] }[];
    expect(ingress?.ports.map(({ port }) => port)).toEqual(ports.map(({ containerPort }) => containerPort));
    const endpoints = after("ServiceMonitor", "streamgauge").spec["endpoints"] as { port: string }[];
    expect(endpoints.map(({ port }) => port)).toEqual(ports.map(({ name }) => name));
    const [gatewayContainer] = after<Workload>("Deployment", "gateway").spec.template.spec.containers;
    const asked = (gatewayContainer && valueOf(gatewayContainer, "STATUS_URLS"))?.split(",") ?? [];
    const expected = pod().containers.map((container) => `${container.name}=http://metrics:${valueOf(container, "HTTP_PORT")}`);
    expect(asked.filter((each) => each.includes("//metrics:")).toSorted()).toEqual(expected.toSorted());
  });
});
