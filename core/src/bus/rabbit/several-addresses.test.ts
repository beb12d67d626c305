import { captureLog, freePorts, openTcpProxy, sharedBroker, freshVhost, type CapturedLog, type TcpProxy } from "@streamgauge/testing";
import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { DONE, type Delivery, type Message } from "../bus.js";
import { topologyOf, DEAD_EXCHANGE, DEAD_QUEUE, type Topology } from "../topology.js";
import { RabbitBus } from "./bus.js";

vi.setConfig({ testTimeout: 120_000 });
const PATIENCE = { timeout: 60_000, interval: 20 };
const TO = { exchange: DEAD_EXCHANGE, routingKey: "" };

let vhost: string;
let captured: CapturedLog;

beforeEach(async () => {
  vhost = await freshVhost("addresses");
  captured = captureLog();
  // The first address of each URL is the first that is tried.
  vi.spyOn(Math, "random").mockReturnValue(0);
  onTestFinished(() => void vi.restoreAllMocks());
});

function message(text: string): Message {
  return { body: Buffer.from(text), contentType: "text/plain", type: "features", headers: {} };
}

async function node(): Promise<TcpProxy> {
  const proxy = await openTcpProxy({ host: "127.0.0.1", port: sharedBroker().address.ports.amqp });
  onTestFinished(() => proxy.close());
  return proxy;
}

/** A bus over a cluster whose nodes listen at these ports. */
function busOver(...ports: readonly number[]): Promise<RabbitBus> {
  return busWith(topologyOf([]), ports);
}

async function busWith(topology: Topology, ports: readonly number[]): Promise<RabbitBus> {
  const [account = "", path = ""] = vhost.split(/127\.0\.0\.1:\d+/);
  const url = `${account}${ports.map((port) => `127.0.0.1:${port}`).join(",")}${path}`;
  const bus = await RabbitBus.connect({ url, topology, name: "test", log: captured.log, readerGoneWithinMs: 0 });
  onTestFinished(() => bus.close());
  return bus;
}

/** Resolves when the bus has connected to that port. */
function connectedTo(port: number): Promise<void> {
  return vi.waitFor(() => expect(captured.lines.join("\n")).toContain(`Connected to RabbitMQ at 127.0.0.1:${port}.`), PATIENCE);
}

test("an address where nothing listens is passed over", async () => {
  const [nobody = 0] = await freePorts(1);
  const { port } = await node();
  await busOver(nobody, port);
  expect(captured.lines.map((line) => line.replaceAll(String(nobody), "NOBODY").replaceAll(String(port), "PORT"))).toEqual([
    expect.stringContaining(
      "RabbitMQ at 127.0.0.1:NOBODY cannot be used: connect ECONNREFUSED 127.0.0.1:NOBODY. Trying the next of 2 addresses until one answers.",
    ),
    expect.stringContaining("Connected to RabbitMQ at 127.0.0.1:PORT."),
  ]);
});

test("a node that takes connections and stays silent is passed over soon", async () => {
  const [frozen, sound] = [await node(), await node()];
  frozen.pause();
  const began = performance.now();
  await busOver(frozen.port, sound.port);
  expect(performance.now() - began).toBeLessThan(8_000);
  expect(captured.lines.at(-1)).toContain(`Connected to RabbitMQ at 127.0.0.1:${sound.port}.`);
});

test("the next address takes over from a node that dies, and from one that freezes", async () => {
  const nodes = [await node(), await node(), await node()] as const;
  const bus = await busOver(...nodes.map(({ port }) => port));
  await connectedTo(nodes[0].port);
  const read: string[] = [];
  await bus.consume(
    DEAD_QUEUE,
    async ({ body }) => {
      read.push(body.toString());
      return DONE;
    },
    { prefetch: 10 },
  );
  nodes[0].refuse();
  nodes[0].reset();
  await bus.publish(TO, message("one"));
  await connectedTo(nodes[1].port);
  nodes[1].pause();
  const began = performance.now();
  await bus.publish(TO, message("two"));
  // Heartbeats of 4 s: a silent node is lost after 8 to 12 s.
  expect(performance.now() - began).toBeLessThan(20_000);
  await connectedTo(nodes[2].port);
  await vi.waitFor(() => expect(new Set(read)).toEqual(new Set(["one", "two"])), PATIENCE);
});

test("notices come again from the next node while the last one still has their queue", async () => {
  const nodes = [await node(), await node()] as const;
  const bus = await busOver(...nodes.map(({ port }) => port));
  let gaps = 0;
  const heard: string[] = [];
  await bus.subscribe("metrics", "test", ({ body }) => void heard.push(body.toString()), { onGap: () => (gaps += 1) });
  nodes[0].pause();
  await connectedTo(nodes[1].port);
  await vi.waitFor(() => {
    bus.broadcast("metrics", message("news"));
    expect([gaps, heard.includes("news")]).toEqual([1, true]);
  }, PATIENCE);
});

test("when none can be used, one line says what a cluster needs", async () => {
  const nodes = [await node(), await node()] as const;
  const bus = await busOver(...nodes.map(({ port }) => port));
  for (const each of nodes) {
    each.refuse();
    each.reset();
  }
  const none = () => captured.lines.filter((line) => line.includes("None of the 2 addresses in AMQP_URL can be used"));
  await vi.waitFor(() => expect(none()).toHaveLength(1), PATIENCE);
  expect(none()[0]).toContain("A cluster works while more than half of its nodes run and reach each other");
  expect(bus.connected).toBe(false);
  nodes[1].accept();
  await bus.publish(TO, message("at last"));
  expect(none()).toHaveLength(1);
});

test("what is refused for some seconds is sent through another channel, once, on the same link", async () => {
  const nodes = [await node(), await node()] as const;
  const queue = { name: "small", from: { exchange: "rows", routingKey: "all" }, limit: { messages: 1, bytes: 1_000 } };
  const topology = { exchanges: [{ name: "rows", kind: "direct" as const, durable: true }], queues: [queue] };
  const bus = await busWith(
    topology,
    nodes.map(({ port }) => port),
  );
  const texts = Array.from({ length: 20 }, (_, i) => String(i));
  // One after the other: a quorum queue takes some more than its limit of those that come together.
  const sending = (async () => {
    for (const text of texts) await bus.publish(queue.from, message(text));
  })();
  const confirming = async () => {
    const path = decodeURIComponent(new URL(vhost).pathname.slice(1));
    const channels = await sharedBroker().ctl("list_channels", "--no-table-headers", "vhost", "confirm", "number");
    return channels.split("\n").filter((line) => line.startsWith(`${path}\ttrue\t`));
  };
  const [first] = await confirming();
  await vi.waitFor(async () => expect((await confirming()).filter((channel) => channel !== first)).not.toEqual([]), PATIENCE);
  const read: string[] = [];
  const handler = async ({ body }: Delivery) => {
    read.push(body.toString());
    return DONE;
  };
  await bus.consume(queue.name, handler, { prefetch: 10 });
  await sending;
  await vi.waitFor(() => expect(read.toSorted((one, other) => Number(one) - Number(other))).toEqual(texts), PATIENCE);
  expect(captured.lines.filter((line) => line.includes("Connected"))).toHaveLength(1);
});
