import { BusClosedError, FEATURES, featuresContract, MemoryBroker, MemoryBus, type Address, type Message } from "@streamgauge/core";
import { asDelivered, captureLog } from "@streamgauge/testing";
import { expect, test } from "vitest";
import { Publisher } from "../ingress/publisher.js";
import { TOPOLOGY } from "../testing/test-gateway.js";
import { FeaturesOutbox } from "./features-outbox.js";

/** A bus that notes the ids of each message that is sent. */
class NotingBus extends MemoryBus {
  readonly sent: string[][] = [];
  fails = false;

  override async publish(to: Address, message: Message): Promise<void> {
    expect(to).toEqual(FEATURES);
    if (this.fails) throw new BusClosedError(to);
    await super.publish(to, message);
    this.sent.push(featuresContract.read(asDelivered(message)).frame.ids.toArray());
  }
}

function open() {
  const bus = new NotingBus(new MemoryBroker(TOPOLOGY), "gateway", captureLog("gateway").log);
  return { bus, outbox: new FeaturesOutbox(new Publisher(bus)) };
}

const row = (id: string, features: Readonly<Record<string, number | string>> = { a: 1, b: 2 }) => ({ id, features });

test("requests of one turn share a message, those of the next have another", async () => {
  const { bus, outbox } = open();
  await Promise.all([outbox.send([row("1")]), outbox.send([row("2"), row("3")]), outbox.send([])]);
  await outbox.send([row("4")]);
  expect(bus.sent).toEqual([["1", "2", "3"], ["4"]]);
});

test("requests with other features have a message of their own", async () => {
  const { bus, outbox } = open();
  await Promise.all([outbox.send([row("1")]), outbox.send([row("2", { a: 1 })]), outbox.send([row("3")])]);
  expect(bus.sent).toEqual([["1", "3"], ["2"]]);
});

test("a message of several requests has at most 2,048 rows", async () => {
  const { bus, outbox } = open();
  const rows = (from: number) => Array.from({ length: 1_024 }, (_, i) => row(String(from + i)));
  await Promise.all([outbox.send(rows(0)), outbox.send(rows(1_024)), outbox.send([row("last")])]);
  expect(bus.sent.map((ids) => ids.length)).toEqual([2_048, 1]);
});

test("requests that are too large together are sent alone", async () => {
  const { bus, outbox } = open();
  const text = "x".repeat(1_000);
  const large = (id: string, columns: number) => {
    return row(id, Object.fromEntries(Array.from({ length: columns }, (_, i) => [`c${i}`, text])));
  };
  // 16 MB together; a message has at most 15 MiB.
  const rows = Array.from({ length: 4 }, (_, i) => large(String(i), 4_000));
  await Promise.all(rows.map((one) => outbox.send([one])));
  expect(bus.sent).toHaveLength(4);
  expect(new Set(bus.sent.flat())).toEqual(new Set(["0", "1", "2", "3"]));
});

test("each request hears of a failure", async () => {
  const { bus, outbox } = open();
  bus.fails = true;
  const outcomes = await Promise.allSettled([outbox.send([row("1")]), outbox.send([row("2")])]);
  expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
});
