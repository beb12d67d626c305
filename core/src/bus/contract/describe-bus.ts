import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Deferred } from "../../deferred.js";
import { Inbox } from "@streamgauge/testing";
import {
  BusClosedError,
  DONE,
  MessageTooLargeError,
  NoRouteError,
  QueueTakenError,
  type Address,
  type Bus,
  type Delivery,
  type Message,
  type Outcome,
} from "../bus.js";
import { DEAD_HEADER } from "../dead-header.js";
import { readReasons } from "../refused-rows.js";
import { DEAD_EXCHANGE, DEAD_QUEUE, MAX_BODY_BYTES, MAX_RETURNS, type Topology } from "../topology.js";

/** Links a service of that name to one broker, which holds the topology, its queues empty. */
export type Connect = (service: string) => Promise<Bus>;

const RETRY: Outcome = { kind: "retry", reason: "the disk is full" };
const LIMIT = 20;
/** RabbitMQ takes a few messages more than a quorum queue's limit, and any number that is under way before it says no. */
const SLACK = 60;

/** What every bus promises. Each implementation passes the same cases. */
export function describeBus(kind: string, connectorOf: (topology: Topology) => Promise<Connect>): void {
  describe(`The contract of a bus, ${kind}`, () => {
    let cases = 0;
    let connect: Connect;
    let opened: Bus[] = [];
    let queue: string;
    let shortQueue: string;
    let to: Address;
    let toShort: Address;
    let notices: string;

    beforeEach(async () => {
      cases += 1;
      const rows = `rows-${cases}`;
      notices = `notices-${cases}`;
      queue = `queue-${cases}`;
      shortQueue = `short-${cases}`;
      to = { exchange: rows, routingKey: "all" };
      toShort = { exchange: rows, routingKey: "short" };
      connect = await connectorOf({
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
      });
    });

    afterEach(async () => {
      await Promise.all(opened.map((bus) => bus.close()));
      opened = [];
      // After their end nothing more comes of them, like a letter's reasons behind it.
      const cleaner = await connect("cleaner");
      await cleaner.drain(DEAD_QUEUE, 1_000, async () => DONE);
      await cleaner.close();
    });

    async function open(service = "reader"): Promise<Bus> {
      const bus = await connect(service);
      opened.push(bus);
      return bus;
    }

    async function dead(bus: Bus): Promise<Delivery> {
      const inbox = new Inbox();
      await bus.consume(DEAD_QUEUE, inbox.handler, { prefetch: 10 });
      return inbox.one();
    }

    describe("sending", () => {
      test("a message arrives with its body, properties and headers as they were", async () => {
        const bus = await open("sender");
        const body = Buffer.from([0, 255, 128, 10, 13, 0]);
        const headers = { contract: 1, origin: 1_760_000_000_123, share: -0.25, model: "größte ✓", final: true };
        await bus.publish(to, { body, contentType: "application/json", type: "features", timestamp: 1_760_000_000_000, headers });
        const inbox = new Inbox();
        await bus.consume(queue, inbox.handler, { prefetch: 1 });
        const delivery = await inbox.one();
        expect(delivery.body).toEqual(body);
        expect(delivery.contentType).toBe("application/json");
        expect(delivery.type).toBe("features");
        expect(delivery.timestamp).toBe(1_760_000_000_000);
        expect(delivery.appId).toBe("streamgauge-sender");
        expect(delivery.headers).toMatchObject(headers);
        expect(delivery.source).toEqual({ ...to, queue });
        expect(delivery.returns).toBe(0);
      });

      test("a timestamp is carried in whole seconds", async () => {
        const bus = await open();
        await bus.publish(to, { ...message("a"), timestamp: 1_760_000_000_999 });
        const inbox = new Inbox();
        await bus.consume(queue, inbox.handler, { prefetch: 1 });
        expect((await inbox.one()).timestamp).toBe(1_760_000_000_000);
      });

      test("an empty body is a body, and what was left out is undefined", async () => {
        const bus = await open();
        await bus.publish(to, { body: Buffer.alloc(0), contentType: "", type: "", headers: {} });
        const inbox = new Inbox();
        await bus.consume(queue, inbox.handler, { prefetch: 1 });
        const { body, contentType, type, timestamp } = await inbox.one();
        expect({ bytes: body.length, contentType, type, timestamp }).toEqual({
          bytes: 0,
          contentType: undefined,
          type: undefined,
          timestamp: undefined,
        });
      });

      test("each message has an id of its own, whoever sends it", async () => {
        const [one, other] = [await open("twin"), await open("twin")];
        await Promise.all([one.publish(to, message("a")), one.publish(to, message("b")), other.publish(to, message("c"))]);
        const inbox = new Inbox();
        await one.consume(queue, inbox.handler, { prefetch: 10 });
        const ids = (await inbox.first(3)).map(({ messageId }) => messageId);
        expect(new Set(ids).size).toBe(3);
        expect(ids).not.toContain(undefined);
      });

      test("publish resolves when the message is in its queue", async () => {
        const bus = await open();
        await bus.publish(to, message("a"));
        await bus.publish(to, message("b"));
        expect(await bus.depth(queue)).toBe(2);
      });

      test("messages sent one after another keep their order for one consumer", async () => {
        const bus = await open();
        const sent = Array.from({ length: 200 }, (_, i) => `${i}`);
        await Promise.all(sent.map((text) => bus.publish(to, message(text))));
        const inbox = new Inbox();
        await bus.consume(queue, inbox.handler, { prefetch: 7 });
        await inbox.first(sent.length);
        expect(inbox.texts).toEqual(sent);
      });

      test("a full queue stalls its senders, and they go on when it is read", async () => {
        const bus = await open();
        const sent = Array.from({ length: LIMIT * 10 }, (_, i) => `${i}`);
        let stored = 0;
        const all = inTurns(5, sent, async (text) => {
          await bus.publish(toShort, message(text));
          stored += 1;
        });
        await vi.waitFor(() => expect(stored).toBeGreaterThanOrEqual(LIMIT), { timeout: 10_000 });
        // Others are not held up.
        for (let i = 0; i < 50; i += 1) await bus.publish(to, message("other"));
        expect(stored).toBeLessThan(LIMIT + SLACK);
        expect(await bus.depth(shortQueue)).toBeLessThan(LIMIT + SLACK);
        const inbox = new Inbox();
        await bus.consume(shortQueue, inbox.handler, { prefetch: 5 });
        await all;
        await inbox.first(sent.length);
        expect(new Set(inbox.texts)).toEqual(new Set(sent));
      });

      test("a body above the limit is refused", async () => {
        const bus = await open();
        const body = Buffer.alloc(MAX_BODY_BYTES + 1);
        await expect(bus.publish(to, { ...message(""), body })).rejects.toThrow(MessageTooLargeError);
      });

      test("a body of several megabytes arrives whole", async () => {
        const bus = await open();
        const body = Buffer.alloc(5_000_003, "streamgauge");
        await bus.publish(to, { ...message(""), body });
        const inbox = new Inbox();
        await bus.consume(queue, inbox.handler, { prefetch: 1 });
        expect((await inbox.one()).body.equals(body)).toBe(true);
      });

      test("an address that leads nowhere is refused, and others go on", async () => {
        const bus = await open();
        await expect(bus.publish({ ...to, routingKey: "nowhere" }, message("a"))).rejects.toThrow(NoRouteError);
        await expect(bus.publish({ exchange: "missing", routingKey: "all" }, message("a"))).rejects.toThrow(NoRouteError);
        await bus.publish(to, message("b"));
        expect(await bus.depth(queue)).toBe(1);
      });

      test("the exchange without a name takes messages for each queue", async () => {
        const bus = await open();
        await bus.publish({ exchange: "", routingKey: queue }, message("a"));
        expect(await bus.depth(queue)).toBe(1);
      });
    });

    describe("taking", () => {
      test("a message that is done is gone for others too", async () => {
        const [one, other] = [await open("one"), await open("other")];
        await one.publish(to, message("a"));
        await one.publish(to, message("b"));
        const first = new Inbox();
        const subscription = await one.consume(queue, first.handler, { prefetch: 1 });
        await first.first(2);
        await subscription.close();
        await one.close();
        await other.publish(to, message("c"));
        const second = new Inbox();
        await other.consume(queue, second.handler, { prefetch: 10 });
        await second.one();
        expect(second.texts).toEqual(["c"]);
      });

      test("what was done just before the bus closes is gone too", async () => {
        const [one, other] = [await open("one"), await open("other")];
        await one.publish(to, message("a"));
        const settled = new Deferred<void>();
        const inbox = new Inbox(() => {
          // Told after the bus has seen the answer.
          setImmediate(() => setImmediate(settled.resolve));
          return DONE;
        });
        await one.consume(queue, inbox.handler, { prefetch: 1 });
        await settled.promise;
        await one.close();
        expect(await other.depth(queue)).toBe(0);
      });

      test("what is unanswered when a bus closes is delivered again elsewhere, and counted", async () => {
        const [one, other] = [await open("one"), await open("other")];
        for (const text of ["a", "b", "c"]) await one.publish(to, message(text));
        const first = new Inbox(() => new Promise(() => undefined));
        await one.consume(queue, first.handler, { prefetch: 10 });
        await first.first(3);
        await one.close();
        const second = new Inbox();
        await other.consume(queue, second.handler, { prefetch: 10 });
        const again = await second.first(3);
        expect(second.texts).toEqual(["a", "b", "c"]);
        expect(again.map(({ returns }) => returns)).toEqual([1, 1, 1]);
      });

      test("the prefetch bounds what is in hand", async () => {
        const bus = await open();
        for (let i = 0; i < 12; i += 1) await bus.publish(to, message(`${i}`));
        let inHand = 0;
        let most = 0;
        const full = new Deferred<void>();
        const go = new Deferred<void>();
        const inbox = new Inbox(async () => {
          inHand += 1;
          most = Math.max(most, inHand);
          if (inHand === 3) full.resolve();
          await go.promise;
          inHand -= 1;
          return DONE;
        });
        await bus.consume(queue, inbox.handler, { prefetch: 3 });
        await full.promise;
        await vi.waitFor(async () => expect(await bus.depth(queue)).toBe(9));
        go.resolve();
        await inbox.first(12);
        expect(most).toBe(3);
      });

      test("a slow message does not hold up those behind it", async () => {
        const bus = await open();
        const slow = new Deferred<Outcome>();
        const inbox = new Inbox(({ body }) => (body.toString() === "0" ? slow.promise : DONE));
        await bus.consume(queue, inbox.handler, { prefetch: 2 });
        for (let i = 0; i < 20; i += 1) await bus.publish(to, message(`${i}`));
        await inbox.first(20);
        slow.resolve(DONE);
        await vi.waitFor(async () => expect(await bus.depth(queue)).toBe(0));
        expect(inbox.texts).toHaveLength(20);
      });

      test("consumers of one queue share its messages", async () => {
        const [one, other] = [await open("one"), await open("other")];
        const [first, second] = [new Inbox(), new Inbox()];
        await one.consume(queue, first.handler, { prefetch: 1 });
        await other.consume(queue, second.handler, { prefetch: 1 });
        const sent = Array.from({ length: 40 }, (_, i) => `${i}`);
        for (const text of sent) await one.publish(to, message(text));
        await vi.waitFor(() => expect(first.texts.length + second.texts.length).toBe(40), { timeout: 10_000 });
        expect(new Set([...first.texts, ...second.texts])).toEqual(new Set(sent));
        expect(first.texts.length).toBeGreaterThan(0);
        expect(second.texts.length).toBeGreaterThan(0);
      });

      test("thousands in hand at once are each handed over once and settled", async () => {
        const bus = await open();
        const sent = Array.from({ length: 2_000 }, (_, i) => `${i}`);
        const waiting: (() => void)[] = [];
        const inbox = new Inbox(
          () =>
            new Promise<Outcome>((resolve) => {
              waiting.push(() => resolve(DONE));
              // Answered in another order than they came in.
              if (waiting.length === 100) for (const answer of waiting.splice(0).reverse()) answer();
            }),
        );
        const subscription = await bus.consume(queue, inbox.handler, { prefetch: 500 });
        await Promise.all(sent.map((text) => bus.publish(to, message(text))));
        await inbox.first(2_000);
        await subscription.close();
        expect(inbox.texts).toEqual(sent);
        expect(await bus.depth(queue)).toBe(0);
      });

      test("a reader that comes while messages are sent gets them in their order, none as if it came again", async () => {
        const bus = await open();
        // RabbitMQ needs some tries to have messages under way at the moment at which the reader's prefetch grows.
        for (let round = 0; round < 40; round += 1) {
          const sent = Array.from({ length: 150 }, (_, i) => `${round}: ${i}`);
          const answers = new Deferred<Outcome>();
          const inbox = new Inbox(() => answers.promise);
          const subscription = await bus.consume(queue, inbox.handler, { prefetch: 500 });
          const sending = Promise.all(sent.map((text) => bus.publish(to, message(text))));
          await inbox.first(64);
          answers.resolve(DONE);
          await inbox.first(sent.length);
          await Promise.all([sending, subscription.close()]);
          expect(inbox.texts).toEqual(sent);
          expect(inbox.deliveries.filter(({ returns }) => returns > 0)).toEqual([]);
        }
      });

      test("a handler that throws gets its message again", async () => {
        const bus = await open();
        await bus.publish(to, message("a"));
        const inbox = new Inbox(({ returns }) => {
          if (returns === 0) throw new Error("out of luck");
          return DONE;
        });
        await bus.consume(queue, inbox.handler, { prefetch: 1 });
        expect((await inbox.first(2)).map(({ returns }) => returns)).toEqual([0, 1]);
        await vi.waitFor(async () => expect(await bus.depth(queue)).toBe(0));
      });

      test("a message to be retried comes again", async () => {
        const bus = await open();
        await bus.publish(to, message("a"));
        const inbox = new Inbox(({ returns }) => (returns < 2 ? RETRY : DONE));
        await bus.consume(queue, inbox.handler, { prefetch: 1 });
        expect((await inbox.first(3)).map(({ returns }) => returns)).toEqual([0, 1, 2]);
      });

      test("a queue that is read by one alone is refused to a second", async () => {
        const [one, other] = [await open("one"), await open("other")];
        await one.consume(queue, new Inbox().handler, { prefetch: 1, exclusive: true });
        await expect(other.consume(queue, new Inbox().handler, { prefetch: 1, exclusive: true })).rejects.toThrow(QueueTakenError);
        await expect(one.consume(queue, new Inbox().handler, { prefetch: 1, exclusive: true })).rejects.toThrow(queue);
        expect([one.connected, other.connected]).toEqual([true, true]);
      });

      test("a queue that is shared is not given to one alone, until it is free", async () => {
        const [one, other] = [await open("one"), await open("other")];
        const subscription = await one.consume(queue, new Inbox().handler, { prefetch: 1 });
        await expect(other.consume(queue, new Inbox().handler, { prefetch: 1, exclusive: true })).rejects.toThrow(QueueTakenError);
        await subscription.close();
        const inbox = new Inbox();
        await other.consume(queue, inbox.handler, { prefetch: 1, exclusive: true });
        await one.publish(to, message("a"));
        expect((await inbox.one()).body.toString()).toBe("a");
      });

      test("a queue that does not exist is refused, and the link stands", async () => {
        const bus = await open();
        await expect(bus.depth("missing")).rejects.toThrow("missing");
        await expect(bus.drain("missing", 1, async () => DONE)).rejects.toThrow("missing");
        expect(bus.connected).toBe(true);
      });
    });

    describe("dead letters", () => {
      test("a refused message is kept whole, with why, where, when and by whom, and is gone from its queue", async () => {
        const bus = await open("model");
        const body = Buffer.from([0, 1, 2, 255]);
        await bus.publish(to, {
          body,
          contentEncoding: "br",
          contentType: "application/json",
          type: "features",
          timestamp: 1_760_000_000_000,
          headers: { origin: 5 },
        });
        const inbox = new Inbox(() => ({ kind: "dead", refusals: [{ row: 3, id: "a7", field: "age", reason: "not a number" }] }));
        const subscription = await bus.consume(queue, inbox.handler, { prefetch: 1 });
        const original = await inbox.one();
        const letter = await dead(bus);
        expect([original.contentEncoding, letter.contentEncoding]).toEqual(["br", "br"]);
        expect(letter.body).toEqual(body);
        expect(letter.contentType).toBe("application/json");
        expect(letter.type).toBe("features");
        expect(letter.timestamp).toBe(1_760_000_000_000);
        expect(letter.headers).toMatchObject({
          origin: 5,
          [DEAD_HEADER.reason]: 'row 3 (id "a7"), field age: not a number',
          [DEAD_HEADER.stage]: "model",
          [DEAD_HEADER.exchange]: to.exchange,
          [DEAD_HEADER.routingKey]: "all",
          [DEAD_HEADER.queue]: queue,
          [DEAD_HEADER.messageId]: original.messageId,
          [DEAD_HEADER.appId]: "streamgauge-model",
        });
        const age = Date.now() - Date.parse(String(letter.headers[DEAD_HEADER.time]));
        expect(age).toBeGreaterThanOrEqual(0);
        expect(age).toBeLessThan(60_000);
        await subscription.close();
        expect(await bus.depth(queue)).toBe(0);
      });

      test("headers that would not fit beside the reasons are left out and named", async () => {
        const bus = await open();
        await bus.publish(to, { ...message("a"), headers: { origin: 5, large: "x".repeat(60_000) } });
        const refusals = Array.from({ length: 1_000 }, (_, row) => ({ row, reason: "not a number" }));
        await bus.consume(queue, new Inbox(() => ({ kind: "dead", refusals })).handler, { prefetch: 1 });
        const letter = await dead(bus);
        expect(letter.headers).toMatchObject({ origin: 5, [DEAD_HEADER.omitted]: "large" });
        expect(letter.headers["large"]).toBeUndefined();
      });

      test("is followed by the reasons of its rows where they do not fit in a header", async () => {
        const bus = await open();
        await bus.publish(to, message("many"));
        const refusals = Array.from({ length: 1_000 }, (_, row) => ({ row, id: `r${row}`, field: "age", reason: `got ${row}` }));
        const original = new Inbox(() => ({ kind: "dead", refusals }));
        await bus.consume(queue, original.handler, { prefetch: 1 });
        const inbox = new Inbox();
        await bus.consume(DEAD_QUEUE, inbox.handler, { prefetch: 10 });
        const [letter, following] = await inbox.first(2);
        expect(letter?.body.toString()).toBe("many");
        expect(letter?.headers).toMatchObject({ [DEAD_HEADER.refusals]: "[]", [DEAD_HEADER.following]: "1" });
        expect(following).toMatchObject({
          type: "refused_rows",
          contentType: "application/json",
          headers: {
            [DEAD_HEADER.exchange]: to.exchange,
            [DEAD_HEADER.messageId]: (await original.one()).messageId,
            [DEAD_HEADER.time]: letter?.headers[DEAD_HEADER.time],
          },
        });
        expect(following === undefined ? undefined : readReasons(following)).toEqual(refusals);
      });

      test(`a message that came back ${MAX_RETURNS} times is given up, unseen by its handler`, async () => {
        const bus = await open();
        await bus.publish(to, message("poison"));
        // RabbitMQ puts back what a channel left after it has said that the channel is closed: a queue may still look empty.
        for (let returns = 0; returns < MAX_RETURNS;) returns += await bus.drain(queue, 1, async () => RETRY);
        const inbox = new Inbox();
        await bus.consume(queue, inbox.handler, { prefetch: 1 });
        const letter = await dead(bus);
        expect(letter.body.toString()).toBe("poison");
        expect(letter.headers[DEAD_HEADER.reason]).toMatch(/came back unanswered 50 times/);
        expect(inbox.texts).toEqual([]);
      });
    });

    describe("closing", () => {
      test("a subscription waits for what is in hand, tells the broker, and takes no more", async () => {
        const bus = await open();
        const go = new Deferred<void>();
        const inbox = new Inbox(async () => {
          await go.promise;
          return DONE;
        });
        const subscription = await bus.consume(queue, inbox.handler, { prefetch: 2 });
        await bus.publish(to, message("a"));
        await bus.publish(to, message("b"));
        await inbox.first(2);
        let closed = false;
        const closing = subscription.close().then(() => (closed = true));
        await bus.publish(to, message("c"));
        expect(closed).toBe(false);
        go.resolve();
        await closing;
        await subscription.close();
        expect(await bus.depth(queue)).toBe(1);
        expect(inbox.texts).toEqual(["a", "b"]);
      });

      test("a subscription gives up what is never finished", async () => {
        const [one, other] = [await open("one"), await open("other")];
        await one.publish(to, message("a"));
        const stuck = new Inbox(() => new Promise(() => undefined));
        const subscription = await one.consume(queue, stuck.handler, { prefetch: 1 });
        await stuck.one();
        await subscription.close();
        const inbox = new Inbox();
        await other.consume(queue, inbox.handler, { prefetch: 1 });
        expect((await inbox.one()).returns).toBe(1);
      });

      test("what is sent after the bus is closed is refused", async () => {
        const bus = await open();
        await bus.close();
        await bus.close();
        expect(bus.connected).toBe(false);
        await expect(bus.publish(to, message("a"))).rejects.toThrow(BusClosedError);
        await expect(bus.consume(queue, new Inbox().handler, { prefetch: 1 })).rejects.toThrow(BusClosedError);
        await expect(bus.listen(notices, "test", () => undefined)).rejects.toThrow(BusClosedError);
        await expect(bus.drain(queue, 1, async () => DONE)).rejects.toThrow(BusClosedError);
        await expect(bus.depth(queue)).rejects.toThrow(BusClosedError);
        bus.announce(notices, message("a"));
      });

      test("what waits for a full queue is refused when the bus closes, and is not sent after", async () => {
        const [one, other] = [await open("one"), await open("other")];
        let stored = 0;
        const refused: unknown[] = [];
        const sent = Array.from({ length: LIMIT * 10 }, (_, i) => `${i}`);
        const all = inTurns(5, sent, async (text) => {
          try {
            await one.publish(toShort, message(text));
            stored += 1;
          } catch (error) {
            refused.push(error);
          }
        });
        await vi.waitFor(async () => expect(await other.depth(shortQueue)).toBeGreaterThanOrEqual(LIMIT), { timeout: 10_000 });
        await one.close();
        await all;
        expect(stored + refused.length).toBe(sent.length);
        expect(refused.length).toBeGreaterThan(LIMIT);
        expect(refused.every((reason) => reason instanceof BusClosedError)).toBe(true);
        expect(await other.drain(shortQueue, LIMIT * 20, async () => DONE)).toBeGreaterThanOrEqual(stored);
        expect(await other.depth(shortQueue)).toBe(0);
      });
    });

    describe("notices", () => {
      test("every listener hears what is announced from now on", async () => {
        const [one, other] = [await open("one"), await open("other")];
        one.announce(notices, message("too early"));
        const [first, second] = [new Inbox(), new Inbox()];
        await one.listen(notices, "page", (delivery) => void first.handler(delivery));
        await other.listen(notices, "page", (delivery) => void second.handler(delivery));
        one.announce(notices, { ...message("a"), headers: { lane: "champion" } });
        one.announce(notices, message("b"));
        await Promise.all([first.first(2), second.first(2)]);
        expect(first.texts).toEqual(["a", "b"]);
        expect(second.texts).toEqual(["a", "b"]);
        expect((await first.one()).headers).toMatchObject({ lane: "champion" });
      });

      test("a listener that is closed hears no more, and the link stands", async () => {
        const bus = await open();
        const [closed, open_] = [new Inbox(), new Inbox()];
        const subscription = await bus.listen(notices, "plot", (delivery) => void closed.handler(delivery));
        await bus.listen(notices, "plot", (delivery) => void open_.handler(delivery));
        await subscription.close();
        bus.announce(notices, message("a"));
        await open_.one();
        expect(closed.texts).toEqual([]);
        expect(bus.connected).toBe(true);
      });

      test("a listener that fails hears the next notice", async () => {
        const bus = await open();
        const inbox = new Inbox();
        await bus.listen(notices, "plot", (delivery) => {
          void inbox.handler(delivery);
          throw new Error("no paper");
        });
        bus.announce(notices, message("a"));
        bus.announce(notices, message("b"));
        await inbox.first(2);
        expect(inbox.texts).toEqual(["a", "b"]);
        expect(bus.connected).toBe(true);
      });
    });

    describe("draining", () => {
      test("takes each message once; what is done is gone and the rest is back", async () => {
        const bus = await open();
        for (const text of ["a", "b", "c", "d", "e"]) await bus.publish(to, message(text));
        const seen: string[] = [];
        const taken = await bus.drain(queue, 100, async ({ body }) => {
          seen.push(body.toString());
          return /[bd]/.test(body.toString()) ? DONE : RETRY;
        });
        expect(taken).toBe(5);
        expect(seen).toEqual(["a", "b", "c", "d", "e"]);
        const inbox = new Inbox();
        await bus.consume(queue, inbox.handler, { prefetch: 1 });
        await inbox.first(3);
        expect(inbox.texts).toEqual(["a", "c", "e"]);
      });

      test("takes no more than it is told, and nothing from an empty queue", async () => {
        const bus = await open();
        for (const text of ["a", "b", "c"]) await bus.publish(to, message(text));
        expect(await bus.drain(queue, 2, async () => DONE)).toBe(2);
        expect(await bus.drain(queue, 2, async () => DONE)).toBe(1);
        expect(await bus.drain(queue, 2, async () => DONE)).toBe(0);
      });

      test("a handler that fails loses nothing", async () => {
        const bus = await open();
        for (const text of ["a", "b", "c"]) await bus.publish(to, message(text));
        const seen: string[] = [];
        const draining = bus.drain(queue, 10, async ({ body }) => {
          seen.push(body.toString());
          if (seen.length === 3) throw new Error("out of luck");
          return seen.length === 1 ? DONE : RETRY;
        });
        await expect(draining).rejects.toThrow("out of luck");
        await vi.waitFor(async () => expect(await bus.depth(queue)).toBe(2));
      });
    });
  });
}

function message(text: string): Message {
  return { body: Buffer.from(text), contentType: "text/plain", type: "features", headers: {} };
}

/** Sends all, with so many at a time under way. */
async function inTurns(senders: number, texts: readonly string[], send: (text: string) => Promise<void>): Promise<void> {
  const queue = [...texts];
  const work = async () => {
    for (let text = queue.shift(); text !== undefined; text = queue.shift()) await send(text);
  };
  await Promise.all(Array.from({ length: senders }, work));
}
