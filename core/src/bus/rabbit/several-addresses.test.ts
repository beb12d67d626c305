import { captureLog, freePorts, openTcpProxy, sharedBroker, freshVhost, type CapturedLog, type TcpProxy } from "@streamgauge/testing";
import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { DONE, type Message } from "../bus.js";
import { topologyOf, DEAD_EXCHANGE, DEAD_QUEUE } from "../topology.js";
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
async function busOver(...ports: readonly number[]): Promise<RabbitBus> {
  const [account = "", path = ""] = vhost.split(/127\.0\.0\.1:\d+/);
  const url = `${account}${ports.map((port) => `127.0.0.1:${port}`).join(",")}${path}`;
  const bus = await RabbitBus.connect({ url, topology: topologyOf([]), name: "test", log: captured.log, readerGoneWithinMs: 0 });
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
