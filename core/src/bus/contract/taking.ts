import { describe, expect, vi } from "vitest";
import { Inbox } from "@streamgauge/testing";
import { Deferred } from "../../deferred.js";
import { DONE, QueueTakenError, type Outcome } from "../bus.js";
import { type ContractTest } from "./contract-test.js";
import { RETRY, message } from "./messages.js";

/** The contract of a bus: taking. */
export function describeTaking(test: ContractTest): void {
  describe("taking", () => {
    test("a message that is done is gone for others too", async ({ open, queue, to }) => {
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

    test("what was done just before the bus closes is gone too", async ({ open, queue, to }) => {
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

    test("what is unanswered when a bus closes is delivered again elsewhere, and counted", async ({ open, queue, to }) => {
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
      expect(again.map(({ redeliveries }) => redeliveries)).toEqual([1, 1, 1]);
    });

    test("the prefetch bounds what is in flight", async ({ open, queue, to }) => {
      const bus = await open();
      for (let i = 0; i < 12; i += 1) await bus.publish(to, message(`${i}`));
      let inFlight = 0;
      let most = 0;
      const full = new Deferred<void>();
      const go = new Deferred<void>();
      const inbox = new Inbox(async () => {
        inFlight += 1;
        most = Math.max(most, inFlight);
        if (inFlight === 3) full.resolve();
        await go.promise;
        inFlight -= 1;
        return DONE;
      });
      await bus.consume(queue, inbox.handler, { prefetch: 3 });
      await full.promise;
      await vi.waitFor(async () => expect(await bus.depth(queue)).toBe(9));
      go.resolve();
      await inbox.first(12);
      expect(most).toBe(3);
    });

    test("a slow message does not hold up those behind it", async ({ open, queue, to }) => {
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

    test("consumers of one queue share its messages", async ({ open, queue, to }) => {
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

    test("thousands in flight at once are each handed over once and settled", async ({ open, queue, to }) => {
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

    test("a reader that comes while messages are sent gets them in their order, none as if it came again", async ({ open, queue, to }) => {
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
        expect(inbox.deliveries.filter(({ redeliveries }) => redeliveries > 0)).toEqual([]);
      }
    });

    test("a handler that throws gets its message again", async ({ open, queue, to }) => {
      const bus = await open();
      await bus.publish(to, message("a"));
      const inbox = new Inbox(({ redeliveries }) => {
        if (redeliveries === 0) throw new Error("out of luck");
        return DONE;
      });
      await bus.consume(queue, inbox.handler, { prefetch: 1 });
      expect((await inbox.first(2)).map(({ redeliveries }) => redeliveries)).toEqual([0, 1]);
      await vi.waitFor(async () => expect(await bus.depth(queue)).toBe(0));
    });

    test("a message to be retried comes again", async ({ open, queue, to }) => {
      const bus = await open();
      await bus.publish(to, message("a"));
      const inbox = new Inbox(({ redeliveries }) => (redeliveries < 2 ? RETRY : DONE));
      await bus.consume(queue, inbox.handler, { prefetch: 1 });
      expect((await inbox.first(3)).map(({ redeliveries }) => redeliveries)).toEqual([0, 1, 2]);
    });

    test("a queue that is read by one alone is refused to a second", async ({ open, queue }) => {
      const [one, other] = [await open("one"), await open("other")];
      await one.consume(queue, new Inbox().handler, { prefetch: 1, exclusive: true });
      await expect(other.consume(queue, new Inbox().handler, { prefetch: 1, exclusive: true })).rejects.toThrow(QueueTakenError);
      await expect(one.consume(queue, new Inbox().handler, { prefetch: 1, exclusive: true })).rejects.toThrow(queue);
      expect([one.connected, other.connected]).toEqual([true, true]);
      expect([one.isReading, other.isReading]).toEqual([true, true]);
    });

    test("a queue that is shared is not given to one alone, until it is free", async ({ open, queue, to }) => {
      const [one, other] = [await open("one"), await open("other")];
      const subscription = await one.consume(queue, new Inbox().handler, { prefetch: 1 });
      await expect(other.consume(queue, new Inbox().handler, { prefetch: 1, exclusive: true })).rejects.toThrow(QueueTakenError);
      await subscription.close();
      const inbox = new Inbox();
      await other.consume(queue, inbox.handler, { prefetch: 1, exclusive: true });
      await one.publish(to, message("a"));
      expect((await inbox.one()).body.toString()).toBe("a");
    });

    test("a queue that does not exist is refused, and the link stands", async ({ open }) => {
      const bus = await open();
      await expect(bus.depth("missing")).rejects.toThrow("missing");
      await expect(bus.drain("missing", 1, async () => DONE)).rejects.toThrow("missing");
      expect(bus.connected).toBe(true);
    });
  });
}
