import { connect, type Options } from "amqplib";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { captureLog, freshVhost, Inbox, sharedBroker } from "@streamgauge/testing";
import { Deferred } from "../../deferred.js";
import { DONE, type Delivery } from "../bus.js";
import { describeBus } from "../contract/describe-bus.js";
import { DEAD_HEADER } from "../dead-header.js";
import { RabbitBus } from "./bus.js";
import { DEAD_QUEUE, FEATURES, queuesOf, topologyOf } from "../topology.js";

let url: string;
beforeAll(async () => {
  url = await freshVhost("contract");
});

// A queue that is taken is refused at once: here nobody is gone.
describeBus(
  "on RabbitMQ",
  () => url,
  (options) => RabbitBus.connect({ ...options, readerGoneWithinMs: 0 }),
);

test("After all that, RabbitMQ has warned of no feature that it means to drop", async () => {
  // RabbitMQ 4 does so in its log at the first use, and refuses the use later on.
  const lines = (await sharedBroker().log()).split("\n");
  expect(lines.filter((line) => /Server startup complete/.test(line))).not.toEqual([]);
  expect(lines.filter((line) => /deprecat/i.test(line))).toEqual([]);
});

test("What kills its readers is given up alone: what was in flight beside it is done", { timeout: 120_000 }, async () => {
  const own = await freshVhost("poison");
  const queue = queuesOf("champion").features;
  const open = () => RabbitBus.connect({ url: own, topology: topologyOf(["champion"]), name: "model", log: captureLog().log });
  const other = await open();
  const letters = new Inbox();
  await other.consume(DEAD_QUEUE, letters.handler, { prefetch: 10 });
  for (const text of ["before", "poison", "a", "b", "c"])
    await other.publish(FEATURES, { body: Buffer.from(text), contentType: "text/plain", type: "features", headers: {} });
  const done: [string, number][] = [];
  const isPoison = ({ body }: Delivery) => body.toString() === "poison";
  // Lives of a reader, each of which ends when it has the poison, and before that of any other message in flight.
  for (let given = false; !given;) {
    const dies = new Deferred<void>();
    const inbox: Inbox = new Inbox(async (delivery) => {
      const { redeliveries } = delivery;
      if (redeliveries < 5) await inbox.first(5);
      // An answer of the broker comes after all that it had for this reader.
      await other.depth(queue);
      if (!inbox.deliveries.some(isPoison)) {
        done.push([delivery.body.toString(), redeliveries]);
        return DONE;
      }
      dies.resolve();
      return new Promise(() => undefined);
    });
    const reader = await open();
    await reader.consume(queue, inbox.handler, { prefetch: 10 });
    given = await Promise.race([dies.promise.then(() => false), letters.one().then(() => true)]);
    if (given) await vi.waitFor(() => expect(done).toHaveLength(4), { timeout: 10_000 });
    await reader.close();
  }
  expect(letters.texts).toEqual(["poison"]);
  expect(new Map(done)).toEqual(new Map(["before", "a", "b", "c"].map((text) => [text, 5])));
  await other.close();
});

describe("What a stranger sends", () => {
  /** Sends it past the bus, as a program in another language does, and returns the dead letter that it became. */
  async function refused(body: Buffer, properties: Options.Publish): Promise<{ readonly delivery: Delivery; readonly letter: Delivery }> {
    const own = await freshVhost("stranger");
    const bus = await RabbitBus.connect({ url: own, topology: topologyOf(["champion"]), name: "model", log: captureLog().log });
    const stranger = await connect(own);
    const channel = await stranger.createConfirmChannel();
    channel.publish(FEATURES.exchange, FEATURES.routingKey, body, properties);
    await channel.waitForConfirms();
    await stranger.close();
    const inbox = new Inbox(() => ({ kind: "dead", refusals: [{ reason: "never seen such a thing" }] }));
    const letters = new Inbox();
    await bus.consume(queuesOf("champion").features, inbox.handler, { prefetch: 1 });
    await bus.consume(DEAD_QUEUE, letters.handler, { prefetch: 1 });
    const found = { delivery: await inbox.one(), letter: await letters.one() };
    await bus.close();
    return found;
  }

  test("without any property is read, and kept when it is refused", async () => {
    const { delivery, letter } = await refused(Buffer.from("x"), {});
    const { contentType, type, messageId, appId, timestamp } = delivery;
    expect([contentType, type, messageId, appId, timestamp]).toEqual([undefined, undefined, undefined, undefined, undefined]);
    expect(letter.headers).toMatchObject({ [DEAD_HEADER.reason]: "never seen such a thing", [DEAD_HEADER.stage]: "model" });
    expect([letter.contentType, letter.type]).toEqual([undefined, undefined]);
  });

  test("with counts of a broker's own in its headers is taken as new", async () => {
    const headers = { "x-delivery-count": 60, "x-acquired-count": 60 };
    const { delivery } = await refused(Buffer.from("x"), { headers });
    expect(delivery.redeliveries).toBe(0);
  });

  test("with headers of every kind is kept with headers that can be sent again", async () => {
    const headers = {
      text: "größe",
      whole: 7,
      part: 0.5,
      vast: { "!": "double", value: -1e300 },
      long: 2 ** 60,
      between: { "!": "double", value: 2 ** 51 + 0.5 },
      yes: true,
      nothing: null,
      bytes: Buffer.from([1, 2]),
      list: [1, "a"],
      table: { inner: { deep: 1 } },
      when: { "!": "timestamp", value: 5 },
      "x-first-death-queue": "elsewhere",
      ["n".repeat(255)]: 1,
    };
    const { letter } = await refused(Buffer.from("x"), { headers });
    expect(letter.headers).toMatchObject({
      text: "größe",
      whole: 7,
      part: 0.5,
      vast: "-1e+300",
      long: 2 ** 60,
      between: "2251799813685248.5",
      yes: true,
      list: '[1,"a"]',
      table: '{"inner":{"deep":1}}',
      ["n".repeat(255)]: 1,
    });
    expect(letter.headers["nothing"]).toBeUndefined();
    expect(letter.headers["x-first-death-queue"]).toBeUndefined();
  });

  test("with 60 kB of headers is kept without the largest of them", async () => {
    const { letter } = await refused(Buffer.from("x"), { headers: { tenant: 7, large: "y".repeat(60_000) } });
    expect(letter.headers).toMatchObject({ tenant: 7, [DEAD_HEADER.omitted]: "large" });
  });

  test("of 16 MB, above what a service sends, is kept whole", async () => {
    const body = Buffer.alloc(16_000_000, "row");
    const { letter } = await refused(body, { contentType: "application/json" });
    expect(letter.body.equals(body)).toBe(true);
  });
});
