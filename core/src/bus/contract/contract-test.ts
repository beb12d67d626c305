import { captureLog, Inbox } from "@streamgauge/testing";
import { test, type TestAPI } from "vitest";
import { DONE, type Address, type Bus, type Delivery } from "../bus.js";
import type { BusOptions } from "../transport.js";
import { DEAD_EXCHANGE, DEAD_QUEUE, type Topology } from "../topology.js";

/** What a case of the contract starts with: empty queues of its own, and links to the broker that are closed after it. */
export interface Scene {
  /** Links a service of that name to the broker. `topology` takes the place of the case's own. */
  readonly open: (service?: string, topology?: Topology) => Promise<Bus>;
  /** The next dead letter. */
  readonly dead: (bus: Bus) => Promise<Delivery>;
  readonly to: Address;
  /** Takes what is sent `to`. */
  readonly queue: string;
  readonly toShort: Address;
  /** Takes what is sent `toShort`, and is full at LIMIT messages. */
  readonly shortQueue: string;
  /** An exchange for notices. */
  readonly notices: string;
  readonly topology: Topology;
}

export const LIMIT = 20;
/** RabbitMQ takes a few messages more than a quorum queue's limit, and those already under way when it first refuses. */
export const SLACK = 60;

export type ContractTest = TestAPI<Scene & { readonly scene: Scene }>;

/** Links a service to a broker. */
export type Connect = (options: BusOptions) => Promise<Bus>;

/** vitest's `test` for cases on the broker at `url`. */
export function contractTest(url: () => string, connectBus: Connect): ContractTest {
  return test.extend<Scene & { readonly scene: Scene }>({
    scene: async ({ task }, use) => {
      const { scene, close } = openScene(url(), task.id, connectBus);
      await use(scene);
      await close();
    },
    open: ({ scene }, use) => use(scene.open),
    dead: ({ scene }, use) => use(scene.dead),
    to: ({ scene }, use) => use(scene.to),
    queue: ({ scene }, use) => use(scene.queue),
    toShort: ({ scene }, use) => use(scene.toShort),
    shortQueue: ({ scene }, use) => use(scene.shortQueue),
    notices: ({ scene }, use) => use(scene.notices),
    topology: ({ scene }, use) => use(scene.topology),
  });
}

function openScene(url: string, id: string, connectBus: Connect): { readonly scene: Scene; readonly close: () => Promise<void> } {
  const names = namesOf(id);
  const opened: Bus[] = [];
  const connect = (service: string, topology = names.topology) =>
    connectBus({ url, topology, name: service, log: captureLog(service).log });
  const open = async (service = "reader", topology = names.topology) => {
    const bus = await connect(service, topology);
    opened.push(bus);
    return bus;
  };
  const close = async () => {
    await Promise.all(opened.map((bus) => bus.close()));
    // Once all are closed, no reasons follow a letter any more.
    const cleaner = await connect("cleaner");
    await cleaner.drain(DEAD_QUEUE, 1_000, async () => DONE);
    await cleaner.close();
  };
  return { scene: { ...names, open, dead: nextDeadLetter }, close };
}

async function nextDeadLetter(bus: Bus): Promise<Delivery> {
  const inbox = new Inbox();
  await bus.consume(DEAD_QUEUE, inbox.handler, { prefetch: 10 });
  return inbox.one();
}

function namesOf(id: string): Omit<Scene, "open" | "dead"> {
  const rows = `rows-${id}`;
  const notices = `notices-${id}`;
  const queue = `queue-${id}`;
  const shortQueue = `short-${id}`;
  const to = { exchange: rows, routingKey: "all" };
  const toShort = { exchange: rows, routingKey: "short" };
  const topology: Topology = {
    exchanges: [
      { name: rows, kind: "direct", durable: true },
      { name: DEAD_EXCHANGE, kind: "fanout", durable: true },
      { name: notices, kind: "fanout", durable: true },
    ],
    queues: [
      { name: DEAD_QUEUE, from: { exchange: DEAD_EXCHANGE, routingKey: "" } },
      { name: queue, from: to, limit: { messages: 20_000, bytes: 64 * 1024 * 1024 } },
      { name: shortQueue, from: toShort, limit: { messages: LIMIT, bytes: 64 * 1024 * 1024 } },
    ],
  };
  return { to, queue, toShort, shortQueue, notices, topology };
}
