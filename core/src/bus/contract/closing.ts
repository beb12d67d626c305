import { describe, expect, vi } from "vitest";
import { Inbox } from "@streamgauge/testing";
import { Deferred } from "../../deferred.js";
import { BusClosedError, DONE } from "../bus.js";
import { LIMIT, type ContractTest } from "./contract-test.js";
import { message, inTurns } from "./messages.js";

/** The contract of a bus: closing. */
export function describeClosing(test: ContractTest): void {
  describe("closing", () => {
    test("a subscription waits for messages in flight, acknowledges them, and takes no more", async ({ open, queue, to }) => {
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

    test("a subscription gives up what is never finished", async ({ open, queue, to }) => {
      const [one, other] = [await open("one"), await open("other")];
      await one.publish(to, message("a"));
      const stuck = new Inbox(() => new Promise(() => undefined));
      const subscription = await one.consume(queue, stuck.handler, { prefetch: 1 });
      await stuck.one();
      await subscription.close();
      const inbox = new Inbox();
      await other.consume(queue, inbox.handler, { prefetch: 1 });
      expect((await inbox.one()).redeliveries).toBe(1);
    });

    test("what is sent after the bus is closed is refused", async ({ open, queue, to, notices }) => {
      const bus = await open();
      await bus.close();
      await bus.close();
      expect(bus.connected).toBe(false);
      await expect(bus.publish(to, message("a"))).rejects.toThrow(BusClosedError);
      await expect(bus.consume(queue, new Inbox().handler, { prefetch: 1 })).rejects.toThrow(BusClosedError);
      await expect(bus.subscribe(notices, "test", () => undefined)).rejects.toThrow(BusClosedError);
      await expect(bus.drain(queue, 1, async () => DONE)).rejects.toThrow(BusClosedError);
      await expect(bus.depth(queue)).rejects.toThrow(BusClosedError);
      bus.broadcast(notices, message("a"));
    });

    test("what waits for a full queue is refused when the bus closes, and is not sent after", async ({ open, shortQueue, toShort }) => {
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
}
