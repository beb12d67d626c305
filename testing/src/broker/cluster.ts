import { randomBytes } from "node:crypto";
import { freePorts } from "../free-ports.js";
import { openPortMapper, type PortMapper } from "./port-mapper.js";
import { ProcessBroker } from "./process-broker.js";
import { IMAGE_VARIABLE } from "./start-private-broker.js";
import { openTcpProxy, type TcpProxy } from "./tcp-proxy.js";

/** How the nodes of a cluster lose each other: packets vanish, as when a cable is pulled, or connections are reset and refused. */
export type Partition = "silent" | "reset";

/** One direction of what two nodes say to each other: which of them connects decides which way it goes. */
interface Link {
  readonly from: number;
  readonly to: number;
  readonly proxy: TcpProxy;
}

/** What docs/cluster.md has users configure, and little of the machine. */
const CONFIG = ["cluster_partition_handling = pause_minority", "net_ticktime = 10", "queue_leader_locator = balanced"];
const ERLANG = "+S 1:1 +A 4";
/** How long one command waits for each node, and how long all of them have; a busy machine of two cores needs a minute. */
const WAIT_MS = 15_000;
const COMPLETE_MS = 180_000;

/**
 * RabbitMQ nodes of this machine in one cluster, each of which can be killed, frozen and cut off from the others.
 *
 * @throws RabbitMqMissingError if RabbitMQ is not installed; Error if brokers are to be containers.
 */
export async function startCluster(size = 3, config: readonly string[] = []): Promise<Cluster> {
  if ((process.env[IMAGE_VARIABLE] ?? "") !== "")
    throw new Error(`A cluster is made of this machine's RabbitMQ: run its tests without ${IMAGE_VARIABLE}.`);
  const cluster = await Cluster.make(size, config);
  try {
    await cluster.start();
    return cluster;
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

/** A cluster and the power over its nodes and over what is between them. It ends with the process that started it. */
export class Cluster {
  readonly nodes: readonly ProcessBroker[];
  readonly #links: readonly Link[];
  readonly #mappers: readonly PortMapper[];

  private constructor(nodes: readonly ProcessBroker[], links: readonly Link[], mappers: readonly PortMapper[]) {
    this.nodes = nodes;
    this.#links = links;
    this.#mappers = mappers;
  }

  static async make(size: number, config: readonly string[]): Promise<Cluster> {
    const cookie = randomBytes(15).toString("hex");
    const ports = await freePorts(2 * size);
    const members = Array.from({ length: size }, (_, i) => ({ amqp: ports[2 * i] ?? 0, distribution: ports[2 * i + 1] ?? 0 }));
    const names = members.map(({ amqp }) => `streamgauge-${amqp}`);
    const discovery = names.map((name, i) => `cluster_formation.classic_config.nodes.${i + 1} = ${name}@localhost`);
    const links = await openLinks(members.map(({ distribution }) => distribution));
    const registered = new Map<string, number>();
    const mappers = await Promise.all(names.map((_, from) => openPortMapper(peersOf(from, names, links), registered)));
    const make = ({ amqp, distribution }: (typeof members)[number], i: number) =>
      ProcessBroker.make(
        { config: ["cluster_formation.peer_discovery_backend = classic_config", ...discovery, ...CONFIG, ...config] },
        { cookie, ports: { amqp, distribution, epmd: mappers[i]?.port ?? 0 }, erlang: ERLANG },
      );
    return new Cluster(await Promise.all(members.map(make)), links, mappers);
  }

  /** The nodes find each other: RabbitMQ 4 waits for that, so none is started before the others. */
  async start(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.start()));
    await this.complete();
  }

  /** Resolves when every node runs and sees all others. */
  async complete(): Promise<void> {
    const names = this.nodes.map(({ address }) => `'${address.node}'`).join(", ");
    const { length } = this.nodes;
    // One command for all: each takes some seconds of a busy machine.
    const ask = `[ok = rpc:call(Node, rabbit_nodes, await_running_count, [${length}, ${WAIT_MS}]) || Node <- [${names}]].`;
    const deadline = Date.now() + COMPLETE_MS;
    for (;;) {
      const problem = await this.nodes[0]?.ctl("eval", ask).then(
        () => undefined,
        (error: unknown) => error,
      );
      if (problem === undefined) return;
      if (Date.now() > deadline) throw new Error("The nodes do not find each other.", { cause: problem });
    }
  }

  /** A virtual host's URL with the address of each node. */
  urlOf(vhost: string): string {
    const [first, ...others] = this.nodes.map((node) => node.urlOf(vhost));
    const more = others.map((url) => `,${new URL(url).host}`).join("");
    return (first ?? "").replace(/(:\d+)\//, `$1${more}/`);
  }

  /** Cuts a node off from the others; clients reach it as before. */
  isolate(node: number, how: Partition): void {
    for (const { proxy } of this.#linksOf(node)) {
      if (how === "silent") proxy.pause();
      else {
        proxy.refuse();
        proxy.reset();
      }
    }
  }

  /** Ends `isolate`. */
  unite(node: number): void {
    for (const { proxy } of this.#linksOf(node)) {
      proxy.accept();
      proxy.resume();
    }
  }

  #linksOf(node: number): readonly Link[] {
    return this.#links.filter(({ from, to }) => from === node || to === node);
  }

  /** Ends all nodes and removes what they left. */
  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
    await Promise.all([...this.#links.map(({ proxy }) => proxy.close()), ...this.#mappers.map((mapper) => mapper.close())]);
  }
}

async function openLinks(distribution: readonly number[]): Promise<readonly Link[]> {
  const pairs = distribution.flatMap((_, from) => distribution.map((port, to) => ({ from, to, port })).filter(({ to }) => to !== from));
  return Promise.all(pairs.map(async ({ port, ...pair }) => ({ ...pair, proxy: await openTcpProxy({ host: "127.0.0.1", port }) })));
}

/** At which port a node finds each of its peers. */
function peersOf(node: number, names: readonly string[], links: readonly Link[]): ReadonlyMap<string, number> {
  return new Map(links.filter(({ from }) => from === node).map(({ to, proxy }) => [names[to] ?? "", proxy.port]));
}
