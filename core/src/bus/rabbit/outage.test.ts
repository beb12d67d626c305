import { connect, type Channel, type ChannelModel } from "amqplib";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { Deferred } from "../../deferred.js";
import {
  captureLog,
  freePorts,
  Inbox,
  openTcpProxy,
  startPrivateBroker,
  type CapturedLog,
  type PrivateBroker,
  type TcpProxy,
} from "@streamgauge/testing";
import {
  BusClosedError,
  MessageTooLargeError,
  UnfinishedError,
  DONE,
  TopologyError,
  type Address,
  type Bus,
  type Message,
} from "../bus.js";
import { RabbitBus, type RabbitBusOptions } from "./bus.js";
import { DEAD_EXCHANGE, DEAD_QUEUE, type Topology } from "../topology.js";

/** What is restarted, or found lost by heartbeats, needs this long on a busy machine. */
const PATIENCE = { timeout: 60_000, interval: 20 };

vi.setConfig({ testTimeout: 120_000 });

let broker: PrivateBroker;
let operator: ChannelModel;
let cases = 0;
let queue: string;
let to: Address;
let topology: Topology;
let captured: CapturedLog;
let opened: Bus[] = [];
let proxies: TcpProxy[] = [];
const warnings: string[] = [];
const onWarning = (warning: Error) => warnings.push(String(warning));

beforeAll(async () => {
  process.on("warning", onWarning);
  broker = await startPrivateBroker();
});

afterAll(async () => {
  await broker.stop();
  process.off("warning", onWarning);
});

beforeEach(() => {
  cases += 1;
  queue = `queue-${cases}`;
  to = { exchange: `rows-${cases}`, routingKey: "all" };
  topology = {
    exchanges: [
      { name: to.exchange, kind: "direct", durable: true },
      { name: DEAD_EXCHANGE, kind: "fanout", durable: true },
      { name: "notices", kind: "fanout", durable: true },
    ],
    queues: [
      { name: DEAD_QUEUE, from: { exchange: DEAD_EXCHANGE, routingKey: "" } },
      { name: queue, from: to, limit: { messages: 20_000, bytes: 64 * 1024 * 1024 } },
    ],
  };
  captured = captureLog();
});

afterEach(async () => {
  await Promise.all(opened.map((bus) => bus.close()));
  await Promise.all(proxies.map((proxy) => proxy.close()));
  opened = [];
  proxies = [];
  expect(warnings).toEqual([]);
});

async function open(url = broker.url, options: Pick<RabbitBusOptions, "readerGoneWithinMs"> = {}): Promise<RabbitBus> {
  const bus = await RabbitBus.connect({ url, topology, name: "test", log: captured.log, ...options });
  opened.push(bus);
  return bus;
}

async function openProxy(): Promise<TcpProxy> {
  const proxy = await openTcpProxy({ host: "127.0.0.1", port: broker.address.ports.amqp });
  proxies.push(proxy);
  return proxy;
}

function message(text: string): Message {
  return { body: Buffer.from(text), contentType: "text/plain", type: "features", headers: {} };
}

function logged(what: RegExp): Promise<string> {
  return vi.waitFor(() => {
    const line = captured.lines.find((each) => what.test(each));
    if (line === undefined) throw new Error(`Not logged: ${what}. Logged:\n${captured.lines.join("\n")}`);
    return line;
  }, PATIENCE);
}

/** Resolves when the bus has connected so often since the test began. */
async function connected(times: number): Promise<void> {
  await vi.waitFor(() => {
    const links = captured.lines.filter((line) => /Connected to RabbitMQ/.test(line)).length;
    expect(links, captured.lines.join("\n")).toBeGreaterThanOrEqual(times);
  }, PATIENCE);
}

/** A person with the broker's own tools. */
async function asOperator(work: (channel: Channel) => Promise<unknown>): Promise<void> {
  operator = await connect(broker.url);
  await work(await operator.createChannel());
  await operator.close();
}

describe("a link that is lost", () => {
  /** Sends and reads without pause while something bad happens, and checks that each confirmed message arrives. */
  async function throughout(misfortune: () => Promise<unknown>, url = broker.url, padding = ""): Promise<void> {
    const bus = await open(url);
    const reader = await open(url);
    const inbox = new Inbox();
    await reader.consume(queue, inbox.handler, { prefetch: 50 });
    const confirmed: string[] = [];
    let over = false;
    const sender = async (name: string) => {
      for (let i = 0; !over; i += 1) {
        const text = `${name}-${i}`;
        await bus.publish(to, message(text + padding));
        confirmed.push(text);
      }
    };
    const senders = Promise.all(["a", "b", "c", "d"].map(sender));
    await inbox.first(20);
    await misfortune();
    const before = confirmed.length;
    await vi.waitFor(() => expect(confirmed.length).toBeGreaterThan(before + 20), PATIENCE);
    over = true;
    await senders;
    await vi.waitFor(() => {
      const seen = new Set(inbox.texts.map((text) => text.slice(0, text.length - padding.length)));
      expect(confirmed.filter((text) => !seen.has(text))).toEqual([]);
    }, PATIENCE);
  }

  test("is made again when an operator closes it", async () => {
    await throughout(() => broker.closeConnections());
    await logged(/The link to RabbitMQ is lost: .*CONNECTION.FORCED.*cut by a test/);
    await logged(/Connected to RabbitMQ/);
  });

  test("is made again when the broker is killed and started", async () => {
    await throughout(async () => {
      await broker.saveQueueNames();
      await broker.kill();
      await logged(/cannot be used: .*ECONNREFUSED/);
      await broker.start();
    });
  });

  test("is made again when the broker's application is stopped and started", async () => {
    await throughout(async () => {
      await broker.ctl("stop_app");
      await broker.ctl("start_app");
    });
  });

  test("is made again when it is reset, again and again", async () => {
    const proxy = await openProxy();
    await throughout(async () => {
      for (let links = 4; links <= 12; links += 2) {
        proxy.reset();
        await connected(links);
      }
    }, proxy.through(broker.url));
  });

  test("is made again when it is cut in the middle of a frame", async () => {
    const proxy = await openProxy();
    await throughout(
      async () => {
        for (const bytes of [1, 20_001, 100_003]) {
          const lost = captured.lines.length;
          proxy.cutAfter(bytes);
          await vi.waitFor(() => expect(captured.lines.slice(lost).join()).toMatch(/The link to RabbitMQ is lost/), PATIENCE);
          proxy.uncut();
          await vi.waitFor(() => expect(captured.lines.slice(lost).join()).toMatch(/Connected to RabbitMQ/), PATIENCE);
        }
      },
      proxy.through(broker.url),
      "x".repeat(3_000),
    );
  });

  test("is found by its heartbeats when nothing passes any more, and made again", async () => {
    const proxy = await openProxy();
    await throughout(
      async () => {
        proxy.pause();
        await logged(/The link to RabbitMQ is lost: .*Heartbeat timeout/);
        proxy.resume();
      },
      `${proxy.through(broker.url)}?heartbeat=2`,
    );
  });

  test("what is sent meanwhile waits, without a word, and is stored when it is back", async () => {
    const proxy = await openProxy();
    const bus = await open(proxy.through(broker.url));
    proxy.refuse();
    proxy.reset();
    await vi.waitFor(() => expect(bus.connected).toBe(false), PATIENCE);
    let stored = 0;
    const all = Promise.all(Array.from({ length: 10_000 }, (_, i) => bus.publish(to, message(`${i}`)).then(() => (stored += 1))));
    const depth = bus.depth(queue);
    await logged(/cannot be used/);
    expect(stored).toBe(0);
    proxy.accept();
    await all;
    await depth;
    await vi.waitFor(async () => expect(await bus.depth(queue)).toBe(10_000), PATIENCE);
  });

  test("what is under way is refused when the bus is closed meanwhile, at once", async () => {
    const proxy = await openProxy();
    const bus = await open(proxy.through(broker.url));
    proxy.refuse();
    proxy.reset();
    await vi.waitFor(() => expect(bus.connected).toBe(false), PATIENCE);
    const sent = Promise.allSettled(Array.from({ length: 100 }, () => bus.publish(to, message("a"))));
    const begun = performance.now();
    await bus.close();
    expect(performance.now() - begun).toBeLessThan(2_500);
    expect((await sent).every((result) => result.status === "rejected" && result.reason instanceof BusClosedError)).toBe(true);
  });

  test("a handler is never given more than its prefetch, however often its messages come again", async () => {
    const bus = await open();
    for (let i = 0; i < 10; i += 1) await bus.publish(to, message(`${i}`));
    let inFlight = 0;
    let most = 0;
    const go = new Deferred<void>();
    const inbox = new Inbox(async () => {
      inFlight += 1;
      most = Math.max(most, inFlight);
      await go.promise;
      inFlight -= 1;
      return DONE;
    });
    await bus.consume(queue, inbox.handler, { prefetch: 4 });
    await inbox.first(4);
    for (const links of [2, 3]) {
      await broker.closeConnections();
      await connected(links);
    }
    await vi.waitFor(async () => expect(await bus.depth(queue)).toBe(6), PATIENCE);
    go.resolve();
    await vi.waitFor(() => expect(new Set(inbox.texts).size).toBe(10), PATIENCE);
    await vi.waitFor(async () => expect(await bus.depth(queue)).toBe(0), PATIENCE);
    expect(most).toBe(4);
  });

  test("subscribers receive again after it, and hear of the gap", async () => {
    const bus = await open();
    const inbox = new Inbox();
    const onGap = vi.fn<() => void>();
    await bus.subscribe("notices", "plot", (delivery) => void inbox.handler(delivery), { onGap });
    expect(onGap).toHaveBeenCalledTimes(0);
    await broker.closeConnections();
    await connected(2);
    expect(onGap).toHaveBeenCalledTimes(1);
    bus.broadcast("notices", message("a"));
    expect((await inbox.one()).body.toString()).toBe("a");
  });

  test("who reads a queue alone reads it alone after it", async () => {
    const bus = await open();
    const inbox = new Inbox();
    const subscription = await bus.consume(queue, inbox.handler, { prefetch: 1, exclusive: true });
    await broker.closeConnections();
    await connected(2);
    await bus.publish(to, message("a"));
    await inbox.one();
    const other = await open(broker.url, { readerGoneWithinMs: 0 });
    await expect(other.consume(queue, inbox.handler, { prefetch: 1, exclusive: true })).rejects.toThrow(/Another process reads the queue/);
    await subscription.close();
    await other.consume(queue, inbox.handler, { prefetch: 1, exclusive: true });
  });

  test("while one of its queues has another reader after an outage it reads the others, and that one once it is free", async () => {
    const proxy = await openProxy();
    const [bus, other] = [await open(proxy.through(broker.url)), await open()];
    const [inbox, ofTaken, ofOther] = [new Inbox(), new Inbox(), new Inbox()];
    await bus.consume(queue, inbox.handler, { prefetch: 50, exclusive: true });
    await bus.consume(DEAD_QUEUE, ofTaken.handler, { prefetch: 50, exclusive: true });
    proxy.refuse();
    proxy.reset();
    await vi.waitFor(() => expect(bus.connected).toBe(false), PATIENCE);
    const taken = await other.consume(DEAD_QUEUE, ofOther.handler, { prefetch: 50, exclusive: true });
    proxy.accept();
    await logged(/Another process reads the queue dead-letters, .* Trying until it is free\./);
    expect([bus.connected, bus.isReading]).toEqual([true, false]);
    for (const text of ["a", "b", "c"]) await other.publish(to, message(text));
    expect((await inbox.first(3)).map(({ redeliveries }) => redeliveries)).toEqual([0, 0, 0]);
    await taken.close();
    await other.publish({ exchange: DEAD_EXCHANGE, routingKey: "" }, message("dead"));
    await vi.waitFor(() => expect(ofTaken.texts).toContain("dead"), PATIENCE);
    expect([inbox.texts, ofOther.texts.includes("dead")]).toEqual([["a", "b", "c"], false]);
    expect(bus.isReading).toBe(true);
  });

  test("the prefetch grows by consumers beside the first one, which is not cancelled while its messages are in flight", async () => {
    const bus = await open();
    const release = new Deferred<void>();
    const inbox = new Inbox(() => release.promise.then(() => DONE));
    await bus.consume(queue, inbox.handler, { prefetch: 200 });
    for (let i = 0; i < 150; i += 1) await bus.publish(to, message(String(i)));
    expect((await inbox.first(150)).every(({ redeliveries }) => redeliveries === 0)).toBe(true);
    // One message, then 64, then 200.
    await asOperator(async (channel) => expect((await channel.checkQueue(queue)).consumerCount).toBe(3));
    release.resolve();
    await vi.waitFor(async () => expect(await bus.depth(queue)).toBe(0), PATIENCE);
    const texts = inbox.texts.toSorted((one, other) => Number(one) - Number(other));
    expect(texts).toEqual(Array.from({ length: 150 }, (_, i) => String(i)));
  });

  test("who wants to read a queue alone waits for a reader that is gone, and gives the wait up when it is closed", async () => {
    const [one, other, third] = [await open(), await open(), await open()];
    const inbox = new Inbox();
    const first = await one.consume(queue, inbox.handler, { prefetch: 1, exclusive: true });
    const begun = other.consume(queue, inbox.handler, { prefetch: 1, exclusive: true });
    const said = /Another process reads the queue \S+, and only one may: stop that one first\. .* Trying for 30 s\./;
    await logged(said);
    await first.close();
    await begun;
    await one.publish(to, message("a"));
    expect((await inbox.one()).body.toString()).toBe("a");
    const given = third.consume(queue, inbox.handler, { prefetch: 1, exclusive: true });
    await vi.waitFor(() => expect(captured.lines.filter((line) => said.test(line))).toHaveLength(2), PATIENCE);
    await Promise.all([expect(given).rejects.toThrow(BusClosedError), third.close()]);
  });
});

describe("a part that is lost", () => {
  test("a queue that is deleted while it is read is declared again and read", async () => {
    const bus = await open();
    const inbox = new Inbox();
    await bus.consume(queue, inbox.handler, { prefetch: 5 });
    await asOperator((channel) => channel.deleteQueue(queue));
    await logged(/The link to RabbitMQ is lost: RabbitMQ cancelled the consumer/);
    await bus.publish(to, message("a"));
    expect((await inbox.one()).body.toString()).toBe("a");
  });

  test("a queue that is deleted while it has no reader is declared again by the next message", async () => {
    const bus = await open();
    await asOperator((channel) => channel.deleteQueue(queue));
    await Promise.all(["a", "b", "c"].map((text) => bus.publish(to, message(text))));
    expect(await bus.depth(queue)).toBe(3);
  });

  test("an exchange that is deleted is declared again by the next message", async () => {
    const bus = await open();
    await asOperator((channel) => channel.deleteExchange(to.exchange));
    await Promise.all(["a", "b", "c"].map((text) => bus.publish(to, message(text))));
    expect(await bus.depth(queue)).toBe(3);
  });

  test("channels that die are opened again", async () => {
    const bus = await open();
    const inbox = new Inbox();
    await bus.consume(queue, inbox.handler, { prefetch: 5 });
    await broker.ctl("eval", "[exit(Channel, kill) || Channel <- rabbit_channel:list()].");
    await logged(/The link to RabbitMQ is lost/);
    await bus.publish(to, message("a"));
    expect((await inbox.one()).body.toString()).toBe("a");
  });

  test("a queue that confirms nothing is named, and what was sent to it is sent again", async () => {
    const bus = await RabbitBus.connect({ url: broker.url, topology, name: "test", log: captured.log, confirmWithinMs: 1_000 });
    opened.push(bus);
    await broker.ctl("eval", `sys:suspend('%2F_${queue}').`);
    const sent = bus.publish(to, message("a"));
    await logged(new RegExp(`has not confirmed a message to ${to.exchange}/all for 1 s`));
    await broker.ctl("eval", `sys:resume('%2F_${queue}').`);
    await sent;
    expect(await bus.depth(queue)).toBeGreaterThanOrEqual(1);
  });

  test("under a memory alarm sending waits and answers get through", async () => {
    const bus = await open();
    const go = new Deferred<void>();
    const inbox = new Inbox(async () => {
      await go.promise;
      return DONE;
    });
    await bus.consume(queue, inbox.handler, { prefetch: 5 });
    await bus.publish(to, message("a"));
    await inbox.one();
    await broker.ctl("set_vm_memory_high_watermark", "0");
    let stored = false;
    const sent = bus.publish(to, message("b")).then(() => (stored = true));
    await logged(/RabbitMQ takes no messages just now/);
    go.resolve();
    // Acknowledged, though nothing can be sent.
    await vi.waitFor(async () => expect(await broker.ctl("list_queues", "name", "messages")).toContain(`${queue}\t0`), PATIENCE);
    expect(stored).toBe(false);
    await broker.ctl("set_vm_memory_high_watermark", "0.4");
    await sent;
    await inbox.first(2);
  });
});

describe("a body above the broker's limit", () => {
  const LIMIT = 2_000_000;
  const large = { ...message(""), body: Buffer.alloc(LIMIT + 1, "row") };

  /** Holds for channels that are opened from now on. RabbitMQ 3.10 reads the first of the two, 4 the other. */
  const limitTo = (bytes: number) =>
    broker.ctl("eval", `application:set_env(rabbit, max_message_size, ${bytes}), persistent_term:put(max_message_size, ${bytes}).`);
  const lost = () => captured.lines.filter((line) => /The link to RabbitMQ is lost/.test(line)).length;

  beforeEach(() => limitTo(LIMIT));
  afterEach(() => limitTo(16 * 1024 * 1024));

  test("is refused with both sizes; what is sent beside it is stored, and the next one is refused unsent", async () => {
    const bus = await open();
    const small = ["a", "b", "c"].map((text) => bus.publish(to, message(text)));
    const refused = expect(bus.publish(to, large)).rejects;
    await refused.toThrow(MessageTooLargeError);
    await expect(bus.publish(to, large)).rejects.toThrow(
      "A message of 2000001 bytes is above the limit of 2000000 of this RabbitMQ: " +
        "send fewer rows a frame (FRAME_ROWS) or a request, or raise max_message_size in rabbitmq.conf.",
    );
    await Promise.all(small);
    const inbox = new Inbox();
    await bus.subscribe("notices", "plot", (delivery) => void inbox.handler(delivery));
    bus.broadcast("notices", large);
    bus.broadcast("notices", message("small"));
    expect((await inbox.one()).body.toString()).toBe("small");
    expect(await bus.depth(queue)).toBeGreaterThanOrEqual(3);
    expect(lost()).toBe(1);
  });

  test("is sent when the broker came back with another limit", async () => {
    const bus = await open();
    await expect(bus.publish(to, large)).rejects.toThrow(MessageTooLargeError);
    await limitTo(LIMIT + 1);
    await connected(2);
    await broker.closeConnections();
    await connected(3);
    await bus.publish(to, large);
    expect(await bus.depth(queue)).toBe(1);
  });

  test("is kept whole by the broker itself if it was taken once and is refused by a service", async () => {
    await limitTo(LIMIT + 1);
    const sender = await open();
    await sender.publish(to, large);
    await sender.close();
    await limitTo(LIMIT);
    const bus = await open();
    await bus.consume(queue, new Inbox(() => ({ kind: "dead", refusals: [{ row: 3, reason: "not a number" }] })).handler, { prefetch: 1 });
    await logged(new RegExp(`of ${queue} becomes a dead letter without its reason. It is: row 3: not a number`));
    const letters = new Inbox();
    await bus.consume(DEAD_QUEUE, letters.handler, { prefetch: 1 });
    const letter = await letters.one();
    expect(letter.body.equals(large.body)).toBe(true);
    expect(letter.headers["x-death"]).toMatchObject([{ reason: "rejected", queue, exchange: to.exchange, "routing-keys": ["all"] }]);
    await vi.waitFor(async () => expect(await bus.depth(queue)).toBe(0), PATIENCE);
    expect(lost()).toBe(1);
  });
});

describe("a link that cannot be made", () => {
  test("a queue that was declared differently before is named, with what to do", async () => {
    await asOperator((channel) => channel.assertQueue(queue, { durable: true }));
    const opening = open();
    await expect(opening).rejects.toThrow(TopologyError);
    await expect(opening).rejects.toThrow(
      new RegExp(`declared differently: inequivalent arg '[a-z-]+' for queue '${queue}'.*Empty and delete it`),
    );
  });

  test.each([
    [
      "a wrong password",
      () => broker.url.replace(/:[^:@]*@/, ":secret99@"),
      /refuses the user streamgauge: check the user and password in AMQP_URL/,
    ],
    ["a missing virtual host", () => `${broker.url}nowhere`, /refuses the virtual host \/nowhere: check the path of AMQP_URL/],
  ])("%s is named, without the password, and tried again until the signal", async (_what, url, line) => {
    const ending = new AbortController();
    const opening = RabbitBus.connect({ url: url(), topology, name: "test", log: captured.log, signal: ending.signal });
    expect(await logged(line)).toMatch(/WARN.*Trying again until it answers/);
    expect(captured.lines.join()).not.toMatch(/secret99/);
    ending.abort();
    await expect(opening).rejects.toThrow(BusClosedError);
  });

  test("a broker that is not there yet is waited for", async () => {
    const [port = 0] = await freePorts(1);
    const ending = new AbortController();
    const url = `amqp://user:secret99@localhost:${port}`;
    const opening = RabbitBus.connect({ url, topology, name: "test", log: captured.log, signal: ending.signal });
    await logged(/RabbitMQ at localhost:\d+ cannot be used: .*ECONNREFUSED/);
    ending.abort();
    await expect(opening).rejects.toThrow(BusClosedError);
    expect(captured.lines).toHaveLength(1);
  });

  test("a server that stays silent is given up on a signal at once, and tried again without one", async () => {
    const proxy = await openProxy();
    proxy.pause();
    const url = proxy.through(broker.url);
    const ending = new AbortController();
    const opening = RabbitBus.connect({ url, topology, name: "test", log: captured.log, signal: ending.signal });
    const patient = open(url);
    await vi.waitFor(() => expect(proxy.connections).toBe(4), PATIENCE);
    const begun = performance.now();
    ending.abort();
    await expect(opening).rejects.toThrow(BusClosedError);
    expect(performance.now() - begun).toBeLessThan(1_000);
    await logged(/cannot be used: connect ETIMEDOUT/);
    proxy.resume();
    expect((await patient).connected).toBe(true);
  });

  test("a link that dies at any point of its set-up is made again, and leaves no connection behind", async () => {
    const proxy = await openProxy();
    for (let bytes = 1; bytes < 4_000; bytes += 160) {
      captured = captureLog();
      proxy.cutAfter(bytes);
      const opening = open(proxy.through(broker.url));
      // Past the last byte of the set-up it stands before it is cut.
      await Promise.race([logged(/cannot be used/), opening]);
      proxy.uncut();
      const bus = await opening;
      await bus.publish(to, message("a"));
      await bus.close();
      await vi.waitFor(() => expect(proxy.connections).toBe(0), PATIENCE);
    }
  });

  test("a link that dies at any point of a consumer's set-up is made again, with one consumer", async () => {
    const proxy = await openProxy();
    const url = proxy.through(broker.url);
    for (let bytes = 1; bytes < 260; bytes += 16) {
      const bus = await open(url);
      const inbox = new Inbox();
      proxy.cutAfter(bytes);
      const consuming = bus.consume(queue, inbox.handler, { prefetch: 5, exclusive: bytes % 32 === 1 });
      await consuming;
      proxy.uncut();
      await bus.publish(to, message("a"));
      await inbox.one();
      await (await consuming).close();
      await bus.close();
    }
  });
});

describe("an end that must not wait", () => {
  test("for a broker that is frozen", async () => {
    const proxy = await openProxy();
    const bus = await open(proxy.through(broker.url));
    const subscription = await bus.consume(queue, new Inbox().handler, { prefetch: 5 });
    await bus.publish(to, message("a"));
    proxy.pause();
    const sent = bus.publish(to, message("b"));
    const outcome = expect(sent).rejects.toThrow(BusClosedError);
    const begun = performance.now();
    await subscription.close();
    await expect(bus.close()).rejects.toThrow(UnfinishedError);
    expect(performance.now() - begun).toBeLessThan(8_000);
    await outcome;
    // The proxy passes on what happened meanwhile.
    proxy.resume();
    await vi.waitFor(() => expect(proxy.connections).toBe(0), PATIENCE);
  });

  test("for a consumer that is closed while it starts", async () => {
    const proxy = await openProxy();
    const bus = await open(proxy.through(broker.url));
    const inbox = new Inbox();
    await bus.publish(to, message("a"));
    // Both before the broker has answered either.
    const starting = bus.consume(queue, inbox.handler, { prefetch: 5 });
    proxy.reset();
    await (await starting).close();
    await vi.waitFor(() => expect(bus.connected).toBe(true), PATIENCE);
    expect(await bus.depth(queue)).toBe(1);
    expect(inbox.texts.length).toBeLessThanOrEqual(1);
  });
});
