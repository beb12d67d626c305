import {
  CHAMPION,
  FEATURES,
  gatewayQueuesOf,
  LABELS,
  MemoryBroker,
  MemoryBus,
  predictionsOf,
  type Address,
  type Bus,
} from "@streamgauge/core";
import { captureLog, until } from "@streamgauge/testing";
import { expect, onTestFinished, test } from "vitest";
import { TOPOLOGY } from "../testing/test-gateway.js";
import { Copies } from "./copies.js";

const IDLE_MS = 30;
const { predictions, labels } = gatewayQueuesOf(CHAMPION);
const MESSAGE = { body: Buffer.from("{}"), contentType: "application/json", type: "", headers: {} };

function openCopies() {
  const { log } = captureLog("gateway");
  const broker = new MemoryBroker(TOPOLOGY);
  const bus = new MemoryBus(broker, "gateway", log);
  const expected = { expectsAnswers: false, expectsLabels: false };
  const copies = new Copies({ bus, lane: CHAMPION, log }, () => expected, IDLE_MS);
  onTestFinished(() => copies.close());
  return { bus, copies, expected };
}

/** Whether a message to the address is copied to the queue. */
async function isCopied(bus: Bus, queue: string, to: Address): Promise<boolean> {
  const before = await bus.depth(queue);
  await bus.publish(to, MESSAGE);
  return (await bus.depth(queue)) > before;
}

test("copies end when nothing is expected, and come again with the next row", async () => {
  const { bus, copies } = openCopies();
  expect(await isCopied(bus, predictions, predictionsOf(CHAMPION))).toBe(true);
  await until(
    "the copies end",
    async () => !(await isCopied(bus, labels, LABELS)) && !(await isCopied(bus, predictions, predictionsOf(CHAMPION))),
  );
  await copies.publish(FEATURES, MESSAGE);
  expect(await isCopied(bus, predictions, predictionsOf(CHAMPION))).toBe(true);
  expect(await isCopied(bus, labels, LABELS)).toBe(true);
});

test("copies of what is expected go on", async () => {
  const { bus, expected } = openCopies();
  expected.expectsLabels = true;
  await until("the copies of predictions end", async () => !(await isCopied(bus, predictions, predictionsOf(CHAMPION))));
  expect(await isCopied(bus, labels, LABELS)).toBe(true);
});

test("a row that is sent while the copies end has them before it", async () => {
  const { bus, copies } = openCopies();
  const order: string[] = [];
  const slowUnbind = bus.unbind.bind(bus);
  const ended = new Promise<void>((resolve) => {
    bus.unbind = async (queue, from) => {
      resolve();
      await new Promise<void>((next) => setImmediate(next));
      await slowUnbind(queue, from);
      order.push("unbound");
    };
  });
  const bind = bus.bind.bind(bus);
  bus.bind = async (queue, from) => {
    await bind(queue, from);
    order.push("bound");
  };
  await ended;
  await copies.publish(FEATURES, MESSAGE);
  expect(order.lastIndexOf("bound")).toBeGreaterThan(order.lastIndexOf("unbound"));
  expect(await isCopied(bus, predictions, predictionsOf(CHAMPION))).toBe(true);
});
