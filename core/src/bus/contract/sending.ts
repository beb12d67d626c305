import { describe, expect, vi } from "vitest";
import { Inbox } from "@streamgauge/testing";
import { MessageTooLargeError, NoRouteError } from "../bus.js";
import { MAX_BODY_BYTES } from "../topology.js";
import { LIMIT, SLACK, type ContractTest } from "./contract-test.js";
import { message, inTurns } from "./messages.js";

/** The contract of a bus: sending. */
export function describeSending(test: ContractTest): void {
  describe("sending", () => {
    test("a message arrives with its body, properties and headers as they were", async ({ open, queue, to }) => {
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
      expect(delivery.redeliveries).toBe(0);
    });

    test("a timestamp is carried in whole seconds", async ({ open, queue, to }) => {
      const bus = await open();
      await bus.publish(to, { ...message("a"), timestamp: 1_760_000_000_999 });
      const inbox = new Inbox();
      await bus.consume(queue, inbox.handler, { prefetch: 1 });
      expect((await inbox.one()).timestamp).toBe(1_760_000_000_000);
    });

    test("an empty body is a body, and what was left out is undefined", async ({ open, queue, to }) => {
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

    test("each message has an id of its own, also across senders of one name", async ({ open, queue, to }) => {
      const [one, other] = [await open("twin"), await open("twin")];
      await Promise.all([one.publish(to, message("a")), one.publish(to, message("b")), other.publish(to, message("c"))]);
      const inbox = new Inbox();
      await one.consume(queue, inbox.handler, { prefetch: 10 });
      const ids = (await inbox.first(3)).map(({ messageId }) => messageId);
      expect(new Set(ids).size).toBe(3);
      expect(ids).not.toContain(undefined);
    });

    test("publish resolves when the message is in its queue", async ({ open, queue, to }) => {
      const bus = await open();
      await bus.publish(to, message("a"));
      await bus.publish(to, message("b"));
      expect(await bus.depth(queue)).toBe(2);
    });

    test("messages sent one after another keep their order for one consumer", async ({ open, queue, to }) => {
      const bus = await open();
      const sent = Array.from({ length: 200 }, (_, i) => `${i}`);
      await Promise.all(sent.map((text) => bus.publish(to, message(text))));
      const inbox = new Inbox();
      await bus.consume(queue, inbox.handler, { prefetch: 7 });
      await inbox.first(sent.length);
      expect(inbox.texts).toEqual(sent);
    });

    test("a full queue stalls its senders, and they go on when it is read", async ({ open, shortQueue, to, toShort }) => {
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

    test("a body above the limit is refused", async ({ open, to }) => {
      const bus = await open();
      const body = Buffer.alloc(MAX_BODY_BYTES + 1);
      await expect(bus.publish(to, { ...message(""), body })).rejects.toThrow(MessageTooLargeError);
    });

    test("a body of several megabytes arrives whole", async ({ open, queue, to }) => {
      const bus = await open();
      const body = Buffer.alloc(5_000_003, "streamgauge");
      await bus.publish(to, { ...message(""), body });
      const inbox = new Inbox();
      await bus.consume(queue, inbox.handler, { prefetch: 1 });
      expect((await inbox.one()).body.equals(body)).toBe(true);
    });

    test("an address that leads nowhere is refused, and others go on", async ({ open, queue, to }) => {
      const bus = await open();
      await expect(bus.publish({ ...to, routingKey: "nowhere" }, message("a"))).rejects.toThrow(NoRouteError);
      await expect(bus.publish({ exchange: "missing", routingKey: "all" }, message("a"))).rejects.toThrow(NoRouteError);
      await bus.publish(to, message("b"));
      expect(await bus.depth(queue)).toBe(1);
    });

    test("the exchange without a name takes messages for each queue", async ({ open, queue }) => {
      const bus = await open();
      await bus.publish({ exchange: "", routingKey: queue }, message("a"));
      expect(await bus.depth(queue)).toBe(1);
    });
  });
}
